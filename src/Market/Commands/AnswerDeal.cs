using Exchange.Journal;
using Exchange.Market.Deals;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>
/// 'exchange agreements accept | decline | extend | end | transfer | reprice' — what a side says of a reservation, a
/// commitment or locked prices. What is accepted is agreed in the same append.
/// </summary>
/// <param name="of">Its number, and for locked prices whose of the quote's places they are.</param>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="AgreementDeal"/>.</param>
public sealed class AnswerDeal(
    (string Id, LandlordId? Landlord) of, DealSpeaker speaker, string act,
    Func<AgreementDeal, Instant, Decision<DealEvent>> rule, DealStanding standing) : ICommand<AgreementDeal>
{
    public string Act => act;
    public string Target => of.Id;
    public string Permission => MarketPermissions.KeepAgreements;

    /// <returns>How it stands now.</returns>
    public async Task<AgreementDeal> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        var key = DealBook.Key(of.Id, of.Landlord);
        var (deal, first) = Begun((await work.State(DealBook.Fold, DealBook.Id, ct)).Of(key), agreed, now);
        if (Whose(deal, agreed) is not { } whose || !speaker.May(whose))
        {
            throw new RefusedException(AgreementDeal.Unknown(of.Id));
        }

        var said = rule(deal, now).OrThrow();
        if (said.Count == 0)
        {
            return deal;
        }

        work.Append(DealBook.Fold.StreamOf(DealBook.Id), DealBook.Events(key, first.Concat(said)));
        var after = agreed;
        foreach (var happened in said)
        {
            var decided = Agreed(deal, happened, agreed, now);
            if (happened is DealEvent.Accepted && decided is not null)
            {
                work.Append(Agreements.Fold.StreamOf(Agreements.Id), decided.OrThrow());
            }

            after = Wanted(happened, decided, agreed);
        }

        if (standing.Budgets is { } budgets && deal.Terms is not null)
        {
            await budgets.Keep(
                work, (Held(deal, agreed, now), after), of.Id, speaker.Side == DealSide.Customer, now, ct);
        }

        return said.Aggregate(deal, AgreementDeal.Evolve);
    }

    /// <summary>
    /// What budgets hold from now on: what is agreed, with what the customer said yes to. Until somebody answers what
    /// a landlord asks, it is as it was.
    /// </summary>
    private static Agreements Wanted(
        DealEvent happened, Decision<AgreementEvent>? decided, Agreements agreed) =>
        happened is DealEvent.Accepted or DealEvent.ChangeProposed { Side: DealSide.Customer } && decided is not null
            ? decided.OrThrow().Aggregate(agreed, Agreements.Fold.Evolve)
            : agreed;

    /// <summary>What budgets hold by now: with what the customer asked for and nobody answered yet.</summary>
    private Agreements Held(AgreementDeal deal, Agreements agreed, Instant now) =>
        deal.Pending is { Side: DealSide.Customer } pending &&
            Change(deal, pending.Change, agreed, now) is { Refusal: null } asked
            ? asked.Events.Aggregate(agreed, Agreements.Fold.Evolve)
            : agreed;

    /// <summary>Locked prices are talked about from when the quote was accepted.</summary>
    private (AgreementDeal Deal, IReadOnlyList<DealEvent> First) Begun(
        AgreementDeal deal, Agreements agreed, Instant now)
    {
        if (deal.Id is not null || of.Landlord is not { } landlord || agreed.Locks.FirstOrDefault(one =>
            one.Id == of.Id && one.Landlord == landlord) is not { } one)
        {
            return (deal, []);
        }

        var begun = new DealEvent.Locked(new(one.Id, one.Landlord, one.Cluster, one.Project, one.Period), now);
        return (AgreementDeal.Evolve(deal, begun), [begun]);
    }

    private static DealOf? Whose(AgreementDeal deal, Agreements agreed) =>
        deal.Terms is { } terms && (Reserving.Find(agreed, terms.Id) ?? terms) is var one
            ? new(one.Landlord, one.Cluster, one.Holder, one.Period)
        : deal.Lock is { } part ? new(part.Landlord, part.Cluster, part.Project, part.Period)
        : null;

    private Decision<AgreementEvent>? Agreed(AgreementDeal deal, DealEvent happened, Agreements agreed, Instant now) =>
        happened switch
        {
            DealEvent.Accepted => Change(deal, deal.Pending!.Value.Change, agreed, now),
            DealEvent.ChangeProposed e => Change(deal, e.Change, agreed, now),
            _ => null,
        };

    private Decision<AgreementEvent> Change(AgreementDeal deal, DealChange? change, Agreements agreed, Instant now) =>
        deal.Lock is { } part ? OfLock(part, change!, agreed, now) : change switch
        {
            null => Reserving.Agree(agreed, standing.Books, deal.Needed(), speaker.By, now, standing.Closed),
            { Kind: DealChangeKind.Extend } => Reserving.Extend(
                agreed, standing.Books, (of.Id, change.At), speaker.By, now, standing.Closed),
            { Kind: DealChangeKind.End } => Reserving.End(
                agreed, of.Id, Later(deal, change.At, now), "both agreed", speaker.By, now),
            { Kind: DealChangeKind.Transfer, Project: { } to } =>
                Reserving.Transfer(agreed, of.Id, to, Later(deal, change.At, now), speaker.By, now),
            { Kind: DealChangeKind.Reprice, Rate: { } rate } => Reserving.Reprice(
                agreed, standing.Books, of.Id, new(rate, Later(deal, change.At, now)), speaker.By, now),
            _ => throw new InvalidOperationException($"Nothing is named to {change.Words}."),
        };

    private Decision<AgreementEvent> OfLock(LockedPart part, DealChange change, Agreements agreed, Instant now) =>
        change switch
        {
            { Kind: DealChangeKind.Extend } => Locking.Extend(
                agreed, (part.Quote, part.Landlord), change.At, speaker.By, now, standing.Closed),
            { Kind: DealChangeKind.Reprice, Rate: { } rate, Sku: { } sku } => Locking.Reprice(
                agreed, standing.Books, (part.Quote, part.Landlord), new(sku, rate, Instant.Max(change.At, now)),
                speaker.By, now),
            { Kind: DealChangeKind.Reprice } => new Refusal(
                "agreement/wrong", "Say of which SKU the price is to be another.", part.Quote),
            _ => new Refusal(
                "agreement/wrong", "Locked prices are extended and repriced by both. Whoever has them gives them up " +
                $"alone: 'exchange agreements end {part.Quote}'.", part.Quote),
        };

    /// <summary>What was asked for a time that is past holds from now; of a commitment from next month.</summary>
    private static Instant Later(AgreementDeal deal, Instant at, Instant now) => at >= now ? at
        : deal.Terms?.Kind == StandingKind.Commitment ? BillingMonth.Of(now).End : now;
}
