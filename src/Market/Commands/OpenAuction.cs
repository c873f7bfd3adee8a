using Exchange.Journal;
using Exchange.Market.Auctions;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange bids open' — opens an auction of nodes; its id is drawn.</summary>
public sealed class OpenAuction(Period period, Instant closesAt, string by) : ICommand<AuctionTerms>
{
    public string Act => "open auction";
    public string Target => $"{period}";
    public string Permission => MarketPermissions.KeepAuctions;

    public async Task<AuctionTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var id = await NewId.Draw("A", $"{by} {period}", now, async one =>
            (await work.State(Auction.Fold, one, ct)).Terms is null);
        var terms = new AuctionTerms(id, period, closesAt);
        var auction = await work.State(Auction.Fold, id, ct);
        _ = await work.State(AuctionList.Fold, AuctionList.Id, ct);
        work.Append(Auction.Fold.StreamOf(id), Auction.Open(auction, terms, by, now).OrThrow());
        work.Append(
            AuctionList.Fold.StreamOf(AuctionList.Id),
            [(AuctionListEvent)new AuctionListEvent.Added(id, now)]);
        return terms;
    }
}
