using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Parties;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>An invoice that a command has read by its number, whoever it is to: a PI, or a party.</summary>
internal abstract class InvoiceToChange(string stream, string id)
{
    public string Stream => stream;

    /// <summary>What its stream is called within its category.</summary>
    public string Id => id;

    /// <summary>The account that says what is owed of it.</summary>
    public abstract string Receivable { get; }

    /// <summary>What is owed and was not credited yet.</summary>
    public abstract Money NotCredited { get; }

    public abstract IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now);

    public abstract IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now);

    public abstract IReadOnlyList<EventText> Credit(string note, Money amount, string reason, Instant now);

    /// <exception cref="RefusedException">There is no such invoice.</exception>
    public static async Task<InvoiceToChange> Read(
        UnitOfWork work, NpgsqlDataSource database, string number, CancellationToken ct)
    {
        var party = PartyInvoice.Fold.StreamOf(number);
        if (await work.Read<PartyEvent>(party, ct) is { Count: > 0 } history)
        {
            return new ToParty(party, number, PartyInvoice.Fold.Of(history));
        }

        if (await InvoiceList.Run(database, new(Number: number, Limit: 1), ct) is not [var row])
        {
            throw new RefusedException(new(
                "invoice/unknown",
                $"There is no invoice '{number}'. 'exchange invoices list' shows those to PIs, 'exchange invoices " +
                "parties' those to institutions, payers and groups."));
        }

        var stream = Invoice.Fold.StreamOf(row.Id);
        var invoice = Invoice.Fold.Of(await work.Read<InvoiceEvent>(stream, ct));
        return NumberOf(invoice) == number
            ? new ToPi(stream, row.Id, invoice)
            : throw new InvalidOperationException($"The list of invoices says that {stream} is {number}; it is not.");
    }

    private static string? NumberOf(Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => issued.Terms.Number,
        Invoice.Voided gone => gone.Terms.Number,
        _ => null,
    };

    private static IReadOnlyList<EventText> Texts<TEvent>(Decision<TEvent> decided) =>
        [.. decided.OrThrow().Select(EventText.Of)];

    private sealed class ToPi(string stream, string id, Invoice invoice) : InvoiceToChange(stream, id)
    {
        public override string Receivable => Entry.Receivable(invoice switch
        {
            Invoice.Issued issued => issued.Content.Pi,
            Invoice.Voided gone => gone.Content.Pi,
            _ => null,
        });

        public override Money NotCredited =>
            invoice is Invoice.Issued issued ? issued.Terms.Owed - issued.Credited : Money.Zero;

        public override IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now) =>
            Texts(Invoice.Pay(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now) =>
            Texts(Invoice.Refund(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Credit(string note, Money amount, string reason, Instant now) =>
            Texts(Invoice.Credit(invoice, note, amount, reason, now));
    }

    private sealed class ToParty(string stream, string id, PartyInvoice invoice) : InvoiceToChange(stream, id)
    {
        public override string Receivable => Entry.Receivable(((PartyInvoice.Issued)invoice).Content.Party);

        public override Money NotCredited =>
            invoice is PartyInvoice.Issued issued ? issued.Content.Owed - issued.Credited : Money.Zero;

        public override IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now) =>
            Texts(PartyInvoice.Pay(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now) =>
            Texts(PartyInvoice.Refund(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Credit(string note, Money amount, string reason, Instant now) =>
            Texts(PartyInvoice.Credit(invoice, note, amount, reason, now));
    }
}
