using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Parties;

/// <summary>
/// What happens to an invoice to a party after it was issued: a payment is noted, or it is taken back.
/// </summary>
public static class ActOnParty
{
    /// <returns>False when the payment was noted before.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or the payment is not possible.</exception>
    /// <exception cref="ConflictException">Someone else changed it meanwhile; ask again.</exception>
    public static async Task<bool> Pay(
        IJournal journal, string number, string reference, Money amount, Instant now, CancellationToken ct)
    {
        var (stream, history, invoice) = await Read(journal, number, ct);
        var events = PartyInvoice.Pay(invoice, reference, amount, now).OrThrow();
        if (events.Count == 0)
        {
            return false;
        }

        var party = ((PartyInvoice.Issued)invoice).Content.Party;
        var ledger = $"ledger-payments:{number}";
        var posted = await journal.Read<LedgerEvent>(ledger, ct);
        await journal.Append(
            [
                StreamAppend.Of(stream, history.Count, events),
                StreamAppend.Of<LedgerEvent>(ledger, posted.Count,
                [
                    Entry.Of(
                        stream, $"Payment {reference}",
                        [new(Entry.Cash, amount), new(Entry.Receivable(party), -amount)], now),
                ]),
            ], ct);
        return true;
    }

    /// <returns>False when it was void already.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or it cannot be taken back.</exception>
    /// <exception cref="ConflictException">Someone else changed one of its invoices meanwhile; ask again.</exception>
    public static async Task<bool> Void(
        IJournal journal, string number, string reason, Instant now, CancellationToken ct)
    {
        var (stream, history, invoice) = await Read(journal, number, ct);
        var events = PartyInvoice.Void(invoice, reason, now).OrThrow();
        if (events.Count == 0)
        {
            return false;
        }

        var content = ((PartyInvoice.Issued)invoice).Content;
        List<StreamAppend> appends = [StreamAppend.Of(stream, history.Count, events)];
        foreach (var pi in content.Lines.Select(line => line.Pi).Distinct())
        {
            var id = Invoice.Fold.StreamOf($"{content.Month}:{pi}");
            var of = await journal.Read<InvoiceEvent>(id, ct);
            if (Invoice.Fold.Of(of) is Invoice.Issued { Taken: { } taken } && taken.Number == number)
            {
                appends.Add(StreamAppend.Of<InvoiceEvent>(id, of.Count, [new InvoiceEvent.Released(number, now)]));
            }
        }

        if (IssueParties.Entry(number, content.Party, content.Lines.Select(
            line => line with { Amount = -line.Amount }), now) is { Postings.Length: > 0 } entry)
        {
            appends.Add(StreamAppend.Of<LedgerEvent>($"ledger-void:{number}", 0, [entry]));
        }

        await journal.Append(appends, ct);
        return true;
    }

    private static async Task<(string Stream, IReadOnlyList<PartyEvent> History, PartyInvoice Invoice)> Read(
        IJournal journal, string number, CancellationToken ct)
    {
        var stream = PartyInvoice.Fold.StreamOf(number);
        var history = await journal.Read<PartyEvent>(stream, ct);
        return history.Count > 0
            ? (stream, history, PartyInvoice.Fold.Of(history))
            : throw new RefusedException(new(
                "invoice/unknown",
                $"There is no invoice '{number}'. 'exchange invoices parties' shows those to institutions, payers " +
                "and " +
                "groups."));
    }
}
