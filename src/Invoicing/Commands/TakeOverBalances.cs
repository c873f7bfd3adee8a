using Exchange.Invoicing.Funds;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>'exchange directory opening FILE' — takes over who was billed before, and what is left of grants.</summary>
public sealed class TakeOverBalances(IReadOnlyList<OpeningBalance> balances, string by) : ICommand<int>
{
    public string Act => "opening balances";
    public string Target => $"{balances.Count} PIs";
    public string Permission => Actor.HasTheMachine;

    /// <returns>How many PIs were new or different.</returns>
    public Task<int> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        OpenBalances.Decide(work, balances, by, now, ct);
}
