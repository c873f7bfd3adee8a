using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>What is said of prepaid groups: who they are, what they paid in, and for which projects they pay.</summary>
public static class ActOnPrepaid
{
    /// <param name="rule">One of the acts of <see cref="PrepaidGroups"/>.</param>
    /// <returns>False when it was so already.</returns>
    /// <exception cref="RefusedException">The rule says no.</exception>
    /// <exception cref="ConflictException">Someone else acted or a month was closed meanwhile; ask again.</exception>
    public static async Task<bool> Run(
        IJournal journal, Func<PrepaidGroups, Decision<PrepaidEvent>> rule, Instant now, CancellationToken ct)
    {
        var stream = PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id);
        var history = await journal.Read<PrepaidEvent>(stream, ct);
        var events = rule(PrepaidGroups.Fold.Of(history)).OrThrow();
        if (events.Count == 0)
        {
            return false;
        }

        List<StreamAppend> appends = [StreamAppend.Of(stream, history.Count, events)];
        var paid = events.OfType<PrepaidEvent.PaidIn>().ToList();
        if (paid.Count > 0)
        {
            const string Ledger = "ledger-prepaid:exchange";
            var posted = await journal.Read<LedgerEvent>(Ledger, ct);
            appends.Add(StreamAppend.Of<LedgerEvent>(Ledger, posted.Count,
            [
                .. paid.Select(one => Entry.Of(
                    stream, $"'{one.Group}' paid in: {one.Reference}",
                    [new(Entry.Cash, one.Amount), new(Entry.Prepaid(one.Group), -one.Amount)], now)),
            ]));
        }

        await journal.Append(appends, ct);
        return true;
    }
}
