using Exchange.Invoicing.Closing;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Ledger;

/// <summary>
/// An invoice as it was read, whoever it is to: what happens to it is written where nothing else happened meanwhile,
/// with its entry in the ledger.
/// </summary>
/// <param name="Id">What its stream is called within its category.</param>
/// <param name="Version">How many events of its stream were read.</param>
internal sealed record ReadInvoice(IJournal Journal, string Stream, string Id, int Version)
{
    /// <summary>Notes money that came (above zero) or went back (below), and posts it.</summary>
    /// <exception cref="ConflictException">Someone else changed the invoice meanwhile; ask again.</exception>
    public async Task Move<TEvent>(
        IReadOnlyList<TEvent> noted, string what, Money came, string receivable, Instant now, CancellationToken ct)
    {
        var ledger = $"ledger-payments:{Id}";
        var posted = await Journal.Read<LedgerEvent>(ledger, ct);
        await Journal.Append(
            [
                StreamAppend.Of(Stream, Version, noted),
                StreamAppend.Of<LedgerEvent>(ledger, posted.Count,
                    [Entry.Of(Stream, what, [new(Entry.Cash, came), new(receivable, -came)], now)]),
            ], ct);
    }

    /// <summary>Takes the next number of a credit note for what is decided with it, and posts it.</summary>
    /// <param name="invoice">Its number.</param>
    /// <param name="decide">Is told the number of the note.</param>
    /// <param name="receivable">Asked once the credit is decided.</param>
    /// <returns>The number of the credit note.</returns>
    /// <exception cref="RefusedException">It cannot be credited so.</exception>
    /// <exception cref="ConflictException">Someone else took the number or changed the invoice; ask again.</exception>
    public async Task<string> Credit<TEvent>(
        string invoice, Money amount, Func<string, Decision<TEvent>> decide, Func<string> receivable, Instant now,
        CancellationToken ct)
    {
        var series = NumberSeries.Credits(now);
        var numbers = NumberSeries.Fold.StreamOf(series);
        var taken = await Journal.Read<NumberEvent>(numbers, ct);
        var next = NumberSeries.Fold.Of(taken).Last + 1;
        var note = NumberSeries.Number(series, next);
        var credited = decide(note).OrThrow();
        await Journal.Append(
            [
                StreamAppend.Of(Stream, Version, credited),
                StreamAppend.Of<NumberEvent>(
                    numbers, taken.Count, [new NumberEvent.Taken(next, 1, BillingMonth.Of(now))]),
                StreamAppend.Of<LedgerEvent>($"ledger-credit:{note}", 0,
                [
                    Entry.Of(Stream, $"Credit note {note} on {invoice}",
                        [new(Entry.Credits, amount), new(receivable(), -amount)], now),
                ]),
            ], ct);
        return note;
    }
}
