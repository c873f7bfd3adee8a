using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Auctions;

/// <summary>Nodes for a time, for whoever offers most before an instant.</summary>
/// <param name="ClosesAt">Asks and bids are taken before it, and nobody is told of them.</param>
public sealed record AuctionTerms(string Id, Period Period, Instant ClosesAt);

/// <summary>Nodes that a landlord puts up, and the least that it takes for a node and hour.</summary>
/// <param name="Shape">What the price sheet asks of a node, as readings have it.</param>
public sealed record NodeAsk(
    string Id, LandlordId Landlord, ClusterId Cluster, ImmutableArray<string> Nodes, Money PerHour, string Shape);

/// <summary>How many nodes a project would take, and the most that it gives for a node and hour.</summary>
public sealed record NodeBid(string Id, ProjectId Project, int Nodes, Money PerHour);

/// <summary>Nodes that went from an ask to a bid, and the lease that came of it.</summary>
public sealed record NodeFill(string Ask, string Bid, ImmutableArray<string> Nodes, string Lease);

/// <summary>Everything that can happen to an auction. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Opened), "auction-opened/1")]
[JsonDerivedType(typeof(Asked), "auction-asked/1")]
[JsonDerivedType(typeof(Offered), "auction-bid/1")]
[JsonDerivedType(typeof(Withdrawn), "auction-withdrawn/1")]
[JsonDerivedType(typeof(Settled), "auction-cleared/1")]
public abstract record AuctionEvent
{
    private AuctionEvent() { }

    public sealed record Opened(AuctionTerms Terms, string By, Instant At) : AuctionEvent;
    public sealed record Asked(NodeAsk Ask, string By, Instant At) : AuctionEvent;
    public sealed record Offered(NodeBid Bid, string By, Instant At) : AuctionEvent;

    /// <summary>An ask or a bid was taken back before the auction closed.</summary>
    public sealed record Withdrawn(string Id, string By, Instant At) : AuctionEvent;

    /// <param name="Price">For a node and hour, the same for all; null where nothing was sold.</param>
    public sealed record Settled(Money? Price, ImmutableArray<NodeFill> Fills, string By, Instant At) : AuctionEvent;
}

/// <summary>Sealed asks and bids, and what came of them. Its stream is like 'auction-A-7F3K2M9Q'.</summary>
public sealed record Auction(
    AuctionTerms? Terms, ImmutableArray<NodeAsk> Asks, ImmutableArray<NodeBid> Bids, AuctionEvent.Settled? Outcome)
{
    private const int MaxEach = 10_000;

    public static readonly Fold<Auction, AuctionEvent> Fold = new("auction", new(null, [], [], null), Evolve);

    /// <summary>When it was opened, and when each ask and bid that stands was taken, by their ids.</summary>
    public ImmutableDictionary<string, Instant> TakenAt { get; init; } = ImmutableDictionary<string, Instant>.Empty;

    public AuctionTerms Needed() => Terms ?? throw new InvalidOperationException("There is no such auction.");

    public static Decision<AuctionEvent> Open(Auction auction, AuctionTerms terms, string by, Instant now) =>
        auction.Terms is not null ? new Refusal(
            "auction/exists", $"There is an auction '{terms.Id}' already.", terms.Id)
        : terms.Period.IsEmpty || terms.ClosesAt <= now || terms.ClosesAt > terms.Period.Start ? new Refusal(
            "auction/wrong", "An auction closes later than now and before the nodes are used.", terms.Id)
        : [new AuctionEvent.Opened(terms, by, now)];

    public static Decision<AuctionEvent> Ask(Auction auction, NodeAsk ask, string by, Instant now) =>
        Closed(auction, now) is { } closed ? closed
        : ask.Nodes.IsEmpty || ask.Nodes.Length > MaxEach || ask.PerHour < Money.Zero ||
            ask.Nodes.Distinct(StringComparer.Ordinal).Count() < ask.Nodes.Length ? new Refusal(
                "auction/wrong", "Name 1 to 10,000 nodes, each once, at a price that is not below nothing.", ask.Id)
        : auction.Asks.FirstOrDefault(one => one.Landlord == ask.Landlord && one.Cluster == ask.Cluster &&
            one.Nodes.Any(ask.Nodes.Contains)) is { } twice ? new Refusal(
                "auction/twice", $"A node of it is put up already, by {twice.Id}. Withdraw that first.", ask.Id)
        : [new AuctionEvent.Asked(ask, by, now)];

    public static Decision<AuctionEvent> Offer(Auction auction, NodeBid bid, string by, Instant now) =>
        Closed(auction, now) is { } closed ? closed
        : bid.Nodes is < 1 or > MaxEach || bid.PerHour < Money.Zero ? new Refusal(
            "auction/wrong", "Bid for 1 to 10,000 nodes at a price that is not below nothing.", bid.Id)
        : [new AuctionEvent.Offered(bid, by, now)];

    public static Decision<AuctionEvent> Withdraw(Auction auction, string id, string by, Instant now) =>
        Closed(auction, now) is { } closed ? closed
        : auction.Asks.Any(one => one.Id == id) || auction.Bids.Any(one => one.Id == id)
            ? [new AuctionEvent.Withdrawn(id, by, now)]
            : new Refusal("auction/unknown", $"There is neither an ask nor a bid '{id}' in it.", id);

    /// <summary>
    /// What each bid gets of which ask. Of an ask only nodes count that nobody holds by now.
    /// </summary>
    /// <param name="free">Whether a node of an ask is free for all of the time.</param>
    public (Money? Price, IReadOnlyList<(NodeAsk Ask, NodeBid Bid, ImmutableArray<string> Nodes)> Fills) Clear(
        Func<NodeAsk, string, bool> free)
    {
        var left = Asks.ToDictionary(ask => ask.Id, ask => ask.Nodes.Where(node => free(ask, node)).ToList());
        var cleared = Clearing.Of(
            [.. Bids.Select(bid => new Bid(bid.Id, bid.Project.Value, bid.Nodes, bid.PerHour))],
            [.. Asks.Where(ask => left[ask.Id].Count > 0).Select(
                ask => new Ask(ask.Id, ask.Landlord.Value, left[ask.Id].Count, ask.PerHour))]);
        var fills = new List<(NodeAsk, NodeBid, ImmutableArray<string>)>();
        foreach (var fill in cleared.Fills)
        {
            var nodes = left[fill.Ask].Take((int)fill.Units).ToImmutableArray();
            left[fill.Ask].RemoveRange(0, nodes.Length);
            fills.Add((Asks.Single(one => one.Id == fill.Ask), Bids.Single(one => one.Id == fill.Bid), nodes));
        }

        return (cleared.Price, fills);
    }

    private static Refusal? Closed(Auction auction, Instant now) =>
        auction.Terms is not { } terms ? new(
            "auction/unknown", "There is no such auction. 'exchange bids list' shows them.")
        : auction.Outcome is not null || now >= terms.ClosesAt ? new(
            "auction/closed", $"{terms.Id} closed at {Text.Of(terms.ClosesAt)}: nothing is taken any more.", terms.Id)
        : null;

    private static Auction Evolve(Auction auction, AuctionEvent happened) => happened switch
    {
        AuctionEvent.Opened e when auction.Terms is null => auction with
        {
            Terms = e.Terms,
            TakenAt = auction.TakenAt.SetItem(e.Terms.Id, e.At),
        },
        AuctionEvent.Asked e => auction with
        {
            Asks = auction.Asks.Add(e.Ask),
            TakenAt = auction.TakenAt.SetItem(e.Ask.Id, e.At),
        },
        AuctionEvent.Offered e => auction with
        {
            Bids = auction.Bids.Add(e.Bid),
            TakenAt = auction.TakenAt.SetItem(e.Bid.Id, e.At),
        },
        AuctionEvent.Withdrawn e => auction with
        {
            Asks = auction.Asks.RemoveAll(one => one.Id == e.Id),
            Bids = auction.Bids.RemoveAll(one => one.Id == e.Id),
            TakenAt = auction.TakenAt.Remove(e.Id),
        },
        AuctionEvent.Settled e when auction.Outcome is null => auction with { Outcome = e },
        _ => throw new CorruptStreamException(auction, happened),
    };
}
