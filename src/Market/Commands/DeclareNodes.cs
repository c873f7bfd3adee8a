using Exchange.Journal;
using Exchange.Market.Leases;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange leases declare | release' — which nodes a landlord lends, and when.</summary>
/// <param name="act">As the audit log calls it.</param>
public sealed class DeclareNodes(LandlordId landlord, string act, Func<Instant, Decision<CapacityEvent>> rule)
    : ICommand<DeclaredNodes>
{
    public string Act => act;
    public string Target => $"{landlord}";
    public string Permission => MarketPermissions.KeepLeases;

    public async Task<DeclaredNodes> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var declared = await work.State(DeclaredNodes.Fold, landlord, ct);
        var said = rule(now).OrThrow();
        work.Append(DeclaredNodes.Fold.StreamOf(landlord), said);
        return said.Aggregate(declared, DeclaredNodes.Fold.Evolve);
    }
}
