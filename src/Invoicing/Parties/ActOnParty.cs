using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Parties;

/// <summary>
/// What happens to an invoice to a party after it was issued: money comes or goes back, a credit note bears a part
/// of it, or it is taken back.
/// </summary>
public static class ActOnParty
{
    /// <returns>False when the payment was noted before.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or the payment is not possible.</exception>
    /// <exception cref="ConflictException">Someone else changed it meanwhile; ask again.</exception>
    public static Task<bool> Pay(
        IJournal journal, string number, string reference, Money amount, Instant now, CancellationToken ct) =>
        Move(journal, number, invoice => PartyInvoice.Pay(invoice, reference, amount, now),
            $"Payment {reference}", amount, now, ct);

    /// <returns>False when the refund was noted before.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or so much was not paid.</exception>
    /// <exception cref="ConflictException">Someone else changed it meanwhile; ask again.</exception>
    public static Task<bool> Refund(
        IJournal journal, string number, string reference, Money amount, Instant now, CancellationToken ct) =>
        Move(journal, number, invoice => PartyInvoice.Refund(invoice, reference, amount, now),
            $"Refund {reference}", -amount, now, ct);

    /// <param name="amount">Null for all that is not credited yet.</param>
    /// <returns>The number of the credit note, and what it comes to.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or it cannot be credited so.</exception>
    /// <exception cref="ConflictException">Someone else took the number or changed the invoice; ask again.</exception>
    public static async Task<(string Number, Money Amount)> Credit(
        IJournal journal, string number, Money? amount, string reason, Instant now, CancellationToken ct)
    {
        var (stream, history, invoice) = await Read(journal, number, ct);
        var credit = amount ??
            (invoice is PartyInvoice.Issued open ? open.Content.Owed - open.Credited : Money.Zero);
        var note = await new ReadInvoice(journal, stream, number, history.Count).Credit(
            number, credit, note => PartyInvoice.Credit(invoice, note, credit, reason, now),
            () => Entry.Receivable(((PartyInvoice.Issued)invoice).Content.Party), now, ct);
        return (note, credit);
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

    /// <summary>Notes money that came (above zero) or went, and posts it.</summary>
    private static async Task<bool> Move(
        IJournal journal, string number, Func<PartyInvoice, Decision<PartyEvent>> decide, string what, Money came,
        Instant now, CancellationToken ct)
    {
        var (stream, history, invoice) = await Read(journal, number, ct);
        var events = decide(invoice).OrThrow();
        if (events.Count == 0)
        {
            return false;
        }

        await new ReadInvoice(journal, stream, number, history.Count).Move(
            events, what, came, Entry.Receivable(((PartyInvoice.Issued)invoice).Content.Party), now, ct);
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
