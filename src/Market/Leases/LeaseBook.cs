using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Exchange.Market.Leases;

/// <summary>What was said of which lease. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Said), "lease-said/1")]
public abstract record LeaseBookEvent
{
    private LeaseBookEvent() { }

    public sealed record Said(string Lease, LeaseEvent What) : LeaseBookEvent;
}

/// <summary>All leases that were proposed, and how each stands. Its stream is 'leases-exchange'.</summary>
public sealed record LeaseBook(ImmutableSortedDictionary<string, LeaseDeal> All)
{
    public const string Id = "exchange";

    public static readonly Fold<LeaseBook, LeaseBookEvent> Fold = new(
        "leases", new(ImmutableSortedDictionary.Create<string, LeaseDeal>(StringComparer.Ordinal)), Evolve);

    public LeaseDeal Of(string id) => All.GetValueOrDefault(id, LeaseDeal.Nothing);

    public static IReadOnlyList<LeaseBookEvent> Events(string id, IEnumerable<LeaseEvent> said) =>
        [.. said.Select(what => new LeaseBookEvent.Said(id, what))];

    private static LeaseBook Evolve(LeaseBook book, LeaseBookEvent happened) => happened switch
    {
        LeaseBookEvent.Said e => new(book.All.SetItem(e.Lease, LeaseDeal.Evolve(book.Of(e.Lease), e.What))),
        _ => throw new CorruptStreamException(book, happened),
    };
}
