using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Auctions;

/// <summary>That there is an auction. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Added), "auction-listed/1")]
public abstract record AuctionListEvent
{
    private AuctionListEvent() { }

    public sealed record Added(string Id, Instant At) : AuctionListEvent;
}

/// <summary>The auctions that there are, in the order in which they were opened. Its stream is 'auctions-exchange'.
/// </summary>
public sealed record AuctionList(ImmutableArray<string> All)
{
    public const string Id = "exchange";

    public static readonly Fold<AuctionList, AuctionListEvent> Fold = new(
        "auctions", new([]), (list, happened) => happened switch
        {
            AuctionListEvent.Added e => new(list.All.Add(e.Id)),
            _ => throw new CorruptStreamException(list, happened),
        });
}
