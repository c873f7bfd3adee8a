using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Exchange.Market.Deals;

/// <summary>What was said of which agreement. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Said), "deal-said/1")]
public abstract record DealBookEvent
{
    private DealBookEvent() { }

    public sealed record Said(string Agreement, DealEvent What) : DealBookEvent;
}

/// <summary>
/// All agreements that two parties talk about, and how each stands. Its stream is 'deals-exchange'; locked prices of a
/// mixed quote are of each landlord by itself, as 'Q-7F3K2M9Q harvard'.
/// </summary>
public sealed record DealBook(ImmutableSortedDictionary<string, AgreementDeal> All)
{
    public const string Id = "exchange";

    public static readonly Fold<DealBook, DealBookEvent> Fold = new(
        "deals", new(ImmutableSortedDictionary.Create<string, AgreementDeal>(StringComparer.Ordinal)), Evolve);

    public AgreementDeal Of(string key) => All.GetValueOrDefault(key, AgreementDeal.Nothing);

    /// <summary>Under which name it stands here.</summary>
    public static string Key(string id, LandlordId? landlord) => landlord is { } of ? $"{id} {of}" : id;

    public static IReadOnlyList<DealBookEvent> Events(string key, IEnumerable<DealEvent> said) =>
        [.. said.Select(what => new DealBookEvent.Said(key, what))];

    private static DealBook Evolve(DealBook book, DealBookEvent happened) => happened switch
    {
        DealBookEvent.Said e => new(
            book.All.SetItem(e.Agreement, AgreementDeal.Evolve(book.Of(e.Agreement), e.What))),
        _ => throw new CorruptStreamException(book, happened),
    };
}
