using Exchange.Journal;
using Exchange.Market.Leases;
using Exchange.Market.Orders;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>Who says something of a lease, for which side, and whether it is theirs to say.</summary>
public sealed record LeaseSpeaker(LeaseSide Side, string By, Func<Lease, Agreements, bool> May);

/// <summary>
/// 'exchange leases offer' — one side proposes a lease; the landlord's own use of its nodes is agreed by itself.
/// </summary>
/// <param name="terms">The lease; its id is drawn.</param>
/// <param name="closed">The months that are billed.</param>
public sealed class ProposeLease(
    Lease terms, LeaseSpeaker speaker, IReadOnlySet<BillingMonth> closed, BudgetKeeper? budgets = null)
    : ICommand<LeaseDeal>
{
    public string Act => "propose lease";
    public string Target => $"{terms.Landlord}/{terms.Cluster} for {terms.Holder}";
    public string Permission => MarketPermissions.KeepLeases;

    public async Task<LeaseDeal> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var book = await work.State(LeaseBook.Fold, LeaseBook.Id, ct);
        var id = await NewId.Draw("L", $"{speaker.By} {terms.Terms}", now, one =>
            Task.FromResult(!book.All.ContainsKey(one)));
        var lease = terms with { Id = id };
        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        if (!speaker.May(lease, agreed))
        {
            throw new RefusedException(new(
                "lease/not-yours", "You are neither who lends these nodes nor who answers for the project.", id));
        }

        var declared = await work.State(DeclaredNodes.Fold, lease.Landlord, ct);
        if (lease.Parent is null && declared.Lacks(lease) is { } lacking)
        {
            throw new RefusedException(lacking);
        }

        var happened = Leasing.Agree(agreed, lease, speaker.By, now, closed).OrThrow(); // What cannot be is not asked.
        var said = LeaseDeal.Propose(LeaseDeal.Nothing, lease, speaker.Side, speaker.By, now).OrThrow();
        work.Append(LeaseBook.Fold.StreamOf(LeaseBook.Id), LeaseBook.Events(id, said));
        if (lease.IsOwn)
        {
            work.Append(Agreements.Fold.StreamOf(Agreements.Id), happened);
        }
        else if (speaker.Side == LeaseSide.Lessee && budgets is not null)
        {
            var after = happened.Aggregate(agreed, Agreements.Fold.Evolve);
            await budgets.Keep(work, (agreed, after), id, isChecked: true, now, ct);
        }

        return said.Aggregate(LeaseDeal.Nothing, LeaseDeal.Evolve);
    }
}
