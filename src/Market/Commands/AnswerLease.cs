using Exchange.Journal;
using Exchange.Market.Leases;
using Exchange.Market.Orders;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>
/// 'exchange leases accept | decline | extend | end | transfer | reprice | reclaim' — what a side says of a lease. What
/// is accepted, or reclaimed with notice, is agreed in the same append.
/// </summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="LeaseDeal"/>.</param>
/// <param name="closed">The months that are billed.</param>
public sealed class AnswerLease(
    string id, LeaseSpeaker speaker, string act, Func<LeaseDeal, Instant, Decision<LeaseEvent>> rule,
    IReadOnlySet<BillingMonth> closed, BudgetKeeper? budgets = null) : ICommand<LeaseDeal>
{
    public string Act => act;
    public string Target => id;
    public string Permission => MarketPermissions.KeepLeases;

    /// <returns>How it stands now.</returns>
    public async Task<LeaseDeal> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var deal = (await work.State(LeaseBook.Fold, LeaseBook.Id, ct)).Of(id);
        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        if (deal.Terms is not { } terms || !speaker.May(Leasing.Find(agreed, id) ?? terms, agreed))
        {
            throw new RefusedException(new(
                "lease/unknown", "There is no such lease. 'exchange leases list' shows them.", id));
        }

        var said = rule(deal, now).OrThrow();
        if (said.Count == 0)
        {
            return deal;
        }

        work.Append(LeaseBook.Fold.StreamOf(LeaseBook.Id), LeaseBook.Events(id, said));
        var after = agreed;
        foreach (var happened in said)
        {
            if (Agreed(deal, happened, agreed, now) is { } decision)
            {
                work.Append(Agreements.Fold.StreamOf(Agreements.Id), decision.OrThrow());
                after = decision.Events.Aggregate(after, Agreements.Fold.Evolve);
            }
            else if (happened is LeaseEvent.ChangeProposed { Side: LeaseSide.Lessee } asked && budgets is not null)
            {
                after = Change(deal, asked.Change, agreed, now).OrThrow() // What cannot be is not asked.
                    .Aggregate(after, Agreements.Fold.Evolve);
            }
        }

        await Keep(work, agreed, Held(deal, agreed, now), after, now, ct);
        return said.Aggregate(deal, LeaseDeal.Evolve);
    }

    /// <summary>What the lease, and those below that end with it, take of budgets.</summary>
    private async Task Keep(
        UnitOfWork work, Agreements agreed, Agreements before, Agreements after, Instant now, CancellationToken ct)
    {
        if (budgets is null)
        {
            return;
        }

        await budgets.Keep(work, (before, after), id, speaker.Side == LeaseSide.Lessee, now, ct);
        foreach (var below in after.Leases.Where(one => one.Id != id && !agreed.Leases.Contains(one)))
        {
            await budgets.Keep(work, (agreed, after), below.Id, isChecked: false, now, ct);
        }
    }

    private Decision<AgreementEvent>? Agreed(LeaseDeal deal, LeaseEvent happened, Agreements agreed, Instant now) =>
        happened switch
        {
            LeaseEvent.Reclaimed e => Leasing.End(agreed, id, e.From, $"reclaimed: {e.Reason}", speaker.By, now),
            LeaseEvent.Accepted => Change(deal, deal.Pending!.Value.Change, agreed, now),
            _ => null,
        };

    /// <summary>What budgets hold by now: with what the lessee asked for and nobody answered yet.</summary>
    private Agreements Held(LeaseDeal deal, Agreements agreed, Instant now) =>
        deal.Pending is { Side: LeaseSide.Lessee } pending &&
            Change(deal, pending.Change, agreed, now) is { Refusal: null } asked
            ? asked.Events.Aggregate(agreed, Agreements.Fold.Evolve)
            : agreed;

    private Decision<AgreementEvent> Change(LeaseDeal deal, LeaseChange? change, Agreements agreed, Instant now) =>
        change switch
        {
            null => Leasing.Agree(agreed, deal.Needed(), speaker.By, now, closed),
            { Kind: LeaseChangeKind.Extend } => Leasing.Extend(agreed, id, change.At, speaker.By, now, closed),
            { Kind: LeaseChangeKind.End } =>
                Leasing.End(agreed, id, Instant.Max(change.At, now), "both agreed", speaker.By, now),
            { Kind: LeaseChangeKind.Transfer, Project: { } to } =>
                Leasing.Transfer(agreed, id, to, Instant.Max(change.At, now), speaker.By, now),
            { Kind: LeaseChangeKind.Reprice, PerHour: { } price } =>
                Leasing.Reprice(agreed, id, price, Instant.Max(change.At, now), speaker.By, now),
            _ => throw new InvalidOperationException($"Nobody is named to {change.Words}."),
        };
}
