using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange prepaid open | pay | cover' — what is said of prepaid groups: who they are, what they paid in, and for
/// which projects they pay.
/// </summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="PrepaidGroups"/>.</param>
public sealed class ChangePrepaid(
    string act, string target, Func<PrepaidGroups, Instant, Decision<PrepaidEvent>> rule) : ICommand<bool>
{
    private const string Accounts = "ledger-prepaid:exchange";

    public string Act => act;
    public string Target => target;
    public string Permission => InvoicingPermissions.NotePayments;

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stream = PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id);
        var events = rule(await work.State(PrepaidGroups.Fold, PrepaidGroups.Id, ct), now).OrThrow();
        work.Append(stream, events);
        var paid = events.OfType<PrepaidEvent.PaidIn>().ToList();
        if (paid.Count > 0)
        {
            _ = await work.Read<LedgerEvent>(Accounts, ct);
            work.Append<LedgerEvent>(Accounts, paid.Select(one => Entry.Of(
                stream, $"'{one.Group}' paid in: {one.Reference}",
                [new(Entry.Cash, one.Amount), new(Entry.Prepaid(one.Group), -one.Amount)], now)));
        }

        return events.Count > 0;
    }
}
