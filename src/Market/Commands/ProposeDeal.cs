using Exchange.Journal;
using Exchange.Market.Deals;
using Exchange.Market.Orders;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>Of what somebody speaks: which landlord and cluster, and for which project at which time.</summary>
public readonly record struct DealOf(LandlordId Landlord, ClusterId Cluster, ProjectId Project, Period Period);

/// <summary>Who says something of an agreement, for which side, and whether it is theirs to say.</summary>
public sealed record DealSpeaker(DealSide Side, string By, Func<DealOf, bool> May);

/// <summary>What decides beside the words of the parties whether something can be agreed.</summary>
/// <param name="Closed">The months that are billed.</param>
/// <param name="Budgets">Null where nobody keeps budgets.</param>
public sealed record DealStanding(PriceBooks Books, IReadOnlySet<BillingMonth> Closed, BudgetKeeper? Budgets);

/// <summary>'exchange agreements reserve | commit' — one side proposes, and the other accepts it.</summary>
/// <param name="terms">The agreement; its number is drawn.</param>
public sealed class ProposeDeal(StandingAgreement terms, DealSpeaker speaker, DealStanding standing)
    : ICommand<AgreementDeal>
{
    public string Act => $"propose {terms.Kind.ToString().ToLowerInvariant()}";
    public string Target => $"{terms.Landlord}/{terms.Cluster} for {terms.Holder}";
    public string Permission => MarketPermissions.KeepAgreements;

    public async Task<AgreementDeal> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var book = await work.State(DealBook.Fold, DealBook.Id, ct);
        var id = await NewId.Draw(terms.Prefix, $"{speaker.By} {terms.Terms}", now, one =>
            Task.FromResult(!book.All.ContainsKey(one)));
        var one = terms with { Id = id };
        if (!speaker.May(new(one.Landlord, one.Cluster, one.Holder, one.Period)))
        {
            throw new RefusedException(new(
                "agreement/not-yours", "You are neither who sells this nor who answers for the project.", id));
        }

        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        var happened = Reserving.Agree( // What cannot be is not asked.
            agreed, standing.Books, one, speaker.By, now, standing.Closed).OrThrow();
        var said = AgreementDeal.Propose(AgreementDeal.Nothing, one, speaker.Side, speaker.By, now).OrThrow();
        work.Append(DealBook.Fold.StreamOf(DealBook.Id), DealBook.Events(id, said));
        if (speaker.Side == DealSide.Customer && standing.Budgets is { } budgets)
        {
            var after = happened.Aggregate(agreed, Agreements.Fold.Evolve);
            await budgets.Keep(work, (agreed, after), id, isChecked: true, now, ct);
        }

        return said.Aggregate(AgreementDeal.Nothing, AgreementDeal.Evolve);
    }
}
