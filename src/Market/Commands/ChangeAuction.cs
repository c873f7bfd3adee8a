using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Market.Leases;
using Exchange.Market.Orders;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange bids ask | place | withdraw' — what is said of an auction before it closes.</summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="Auction"/>; the id is that of a new ask or bid.</param>
public sealed class ChangeAuction(
    string id, string act, Func<Auction, string, Instant, Decision<AuctionEvent>> rule, NodeAsk? ask = null)
    : ICommand<string>
{
    /// <summary>Who keeps what bids take of budgets; null where nobody does.</summary>
    public (BudgetKeeper Keeper, Func<ProjectId, Instant, PiId?> PiOf)? Budgets { get; init; }

    public string Act => act;
    public string Target => id;
    public string Permission => MarketPermissions.BidInAuctions;

    /// <returns>The id of the new ask or bid.</returns>
    public async Task<string> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var auction = await work.State(Auction.Fold, id, ct);
        var drawn = await NewId.Draw(
            ask is null ? "B" : "K", $"{id} {auction.Asks.Length + auction.Bids.Length}", now, one => Task.FromResult(
                auction.Asks.All(other => other.Id != one) && auction.Bids.All(other => other.Id != one)));
        if (ask is not null && auction.Terms is { } terms)
        {
            var declared = await work.State(DeclaredNodes.Fold, ask.Landlord, ct);
            if (declared.Lacks(ClearAuction.LeaseOf(terms, ask, new("p"), ask.Nodes, ask.PerHour)) is { } lacking)
            {
                throw new RefusedException(lacking);
            }
        }

        var said = rule(auction, drawn, now).OrThrow();
        work.Append(Auction.Fold.StreamOf(id), said);
        foreach (var happened in said)
        {
            await Keep(work, auction, happened, now, ct);
        }

        return drawn;
    }

    /// <summary>A bid takes what it comes to at most, until it is taken back or the auction is cleared.</summary>
    private async Task Keep(
        UnitOfWork work, Auction auction, AuctionEvent happened, Instant now, CancellationToken ct)
    {
        var bid = happened switch
        {
            AuctionEvent.Offered e => e.Bid,
            AuctionEvent.Withdrawn e => auction.Bids.FirstOrDefault(one => one.Id == e.Id),
            _ => null,
        };
        if (bid is not null && Budgets is var (keeper, piOf) && piOf(bid.Project, now) is { } pi)
        {
            var period = auction.Needed().Period;
            await keeper.Keep(work, pi, id, (bid.Id, bid.Project), happened is AuctionEvent.Offered
                ? BudgetKeeper.Hours(period, now, bid.Nodes * bid.PerHour.Amount) : [], now, ct);
        }
    }
}
