using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>An invoice that a command has read by its number, whoever it is to: a PI, or a party.</summary>
internal abstract class InvoiceToChange(string number, string stream, string id)
{
    public string Number => number;
    public string Stream => stream;

    /// <summary>What its stream is called within its category.</summary>
    public string Id => id;

    /// <summary>Who owes it.</summary>
    public abstract AccountName Account { get; }

    /// <summary>What is owed; below zero where it is in favor of its account.</summary>
    public abstract Money Open { get; }

    /// <summary>Why no money can be noted on it; null where it can.</summary>
    public abstract Refusal? NotPayable { get; }

    /// <summary>What payments paid of it, by their references; nothing where it does not stand.</summary>
    public abstract ImmutableDictionary<string, Money> Payments { get; }

    /// <summary>What was paid and did not go back.</summary>
    public abstract Money Paid { get; }

    /// <summary>The months of the usage that it bills; none of an invoice to a party, whose PIs owe again.</summary>
    public virtual IEnumerable<BillingMonth> Used => [];

    /// <summary>Whether a payment of this reference is noted on it.</summary>
    public bool IsPaidBy(string reference) => Payments.ContainsKey(reference);

    /// <summary>What is owed and was not credited yet.</summary>
    public abstract Money NotCredited { get; }

    public abstract IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now);

    public abstract IReadOnlyList<EventText> Unapply(string reference, Money amount, Instant now);

    public abstract IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now);

    /// <param name="note">The credit note, as a PI's invoice would hear of it.</param>
    public abstract IReadOnlyList<EventText> Credit(InvoiceEvent.Credited note);

    public abstract IReadOnlyList<EventText> Offset(string with, Money amount, Instant now);

    public abstract IReadOnlyList<EventText> WriteOff(Money amount, string reason, Instant now);

    /// <exception cref="RefusedException">There is no such invoice.</exception>
    public static async Task<InvoiceToChange> Read(
        UnitOfWork work, NpgsqlDataSource database, string number, CancellationToken ct)
    {
        var party = PartyInvoice.Fold.StreamOf(number);
        if (await work.Read<PartyEvent>(party, ct) is { Count: > 0 } history)
        {
            return new ToParty(number, party, PartyInvoice.Fold.Of(history));
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
            ? new ToPi(number, stream, row.Id, invoice)
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

    private sealed class ToPi(string number, string stream, string id, Invoice invoice)
        : InvoiceToChange(number, stream, id)
    {
        public override AccountName Account => invoice switch
        {
            Invoice.Issued { Content.Pi: { } pi } => AccountName.Of(pi),
            Invoice.Voided { Content.Pi: { } pi } => AccountName.Of(pi),
            _ => throw new InvalidOperationException($"{Stream} was issued to nobody."),
        };

        public override Money Open => invoice is Invoice.Issued issued ? issued.Open : Money.Zero;

        public override Refusal? NotPayable => invoice switch
        {
            Invoice.Issued { BilledToInstitution: { } taken } => Invoice.TakenBy(taken),
            Invoice.Issued => null,
            _ => Payment.NotIssued,
        };

        public override ImmutableDictionary<string, Money> Payments =>
            invoice is Invoice.Issued issued ? issued.Payments : ImmutableDictionary<string, Money>.Empty;

        public override Money Paid => invoice is Invoice.Issued issued ? issued.Paid : Money.Zero;

        public override IEnumerable<BillingMonth> Used => invoice is Invoice.Issued { Content: var content }
            ? content.Lines.Select(line => line.ServiceMonth(content.Month)).Distinct()
            : [];

        public override Money NotCredited =>
            invoice is Invoice.Issued issued ? issued.Terms.Owed - issued.Credited - issued.WrittenOff : Money.Zero;

        public override IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now) =>
            Texts(Invoice.Pay(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Unapply(string reference, Money amount, Instant now) =>
            Texts(Invoice.Unapply(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now) =>
            Texts(Invoice.Refund(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Credit(InvoiceEvent.Credited note) =>
            Texts(Invoice.Credit(invoice, note));

        public override IReadOnlyList<EventText> Offset(string with, Money amount, Instant now) =>
            Texts(Invoice.Offset(invoice, with, amount, now));

        public override IReadOnlyList<EventText> WriteOff(Money amount, string reason, Instant now) =>
            Texts(Invoice.WriteOff(invoice, amount, reason, now));
    }

    private sealed class ToParty(string number, string stream, PartyInvoice invoice)
        : InvoiceToChange(number, stream, number)
    {
        public override AccountName Account => invoice switch
        {
            PartyInvoice.Issued issued => AccountName.Of(issued.Content.Party),
            PartyInvoice.Voided gone => AccountName.Of(gone.Content.Party),
            _ => throw new InvalidOperationException($"{Stream} was not issued."),
        };

        public override Money Open => invoice is PartyInvoice.Issued issued ? issued.Open : Money.Zero;

        public override Refusal? NotPayable => invoice is PartyInvoice.Issued ? null : Payment.NotIssued;

        public override ImmutableDictionary<string, Money> Payments =>
            invoice is PartyInvoice.Issued issued ? issued.Payments : ImmutableDictionary<string, Money>.Empty;

        public override Money Paid => invoice is PartyInvoice.Issued issued ? issued.Paid : Money.Zero;

        public override Money NotCredited =>
            invoice is PartyInvoice.Issued issued ? issued.NotCredited : Money.Zero;

        public override IReadOnlyList<EventText> Pay(string reference, Money amount, Instant now) =>
            Texts(PartyInvoice.Pay(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Unapply(string reference, Money amount, Instant now) =>
            Texts(PartyInvoice.Unapply(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Refund(string reference, Money amount, Instant now) =>
            Texts(PartyInvoice.Refund(invoice, reference, amount, now));

        public override IReadOnlyList<EventText> Credit(InvoiceEvent.Credited note) =>
            Texts(PartyInvoice.Credit(invoice, new(note.Number, note.Amount, note.Reason, note.At)
            {
                Letterhead = note.Letterhead,
            }));

        public override IReadOnlyList<EventText> Offset(string with, Money amount, Instant now) =>
            Texts(PartyInvoice.Offset(invoice, with, amount, now));

        public override IReadOnlyList<EventText> WriteOff(Money amount, string reason, Instant now) =>
            Texts(PartyInvoice.WriteOff(invoice, amount, reason, now));
    }
}
