using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Everything that can happen to what is not one landlord's book: which books there are, outages, public lists.
/// </summary>
[JsonDerivedType(typeof(BookOpened), "price-book-opened/1")]
[JsonDerivedType(typeof(OutagesPublished), "outages-published/1")]
[JsonDerivedType(typeof(OutageDeclared), "outage-declared/1")]
[JsonDerivedType(typeof(OutageWithdrawn), "outage-withdrawn/1")]
[JsonDerivedType(typeof(ServiceLevelPublished), "service-level-published/1")]
[JsonDerivedType(typeof(NoticeSet), "price-notice-set/1")]
[JsonDerivedType(typeof(PublicPricesPublished), "public-prices-published/1")]
public abstract record ExchangeListEvent
{
    private ExchangeListEvent() { }

    /// <summary>A landlord's service got its first sheet.</summary>
    public sealed record BookOpened(string Book, Instant At) : ExchangeListEvent;

    /// <summary>An outage was declared, or one of this name and landlord was told otherwise.</summary>
    public sealed record OutageDeclared(
        string Name, LandlordId Landlord, ImmutableArray<ClusterId> Clusters, Instant From, Instant? Until,
        ImmutableArray<string> KnownTo, string Reason, string By, Instant At) : ExchangeListEvent
    {
        public OutageKind Kind { get; init; }

        internal Outage Outage => new(Name, Landlord, Clusters, From, Until, KnownTo) { Reason = Reason, Kind = Kind };
    }

    /// <summary>An outage was taken back by whoever declared it: it was none.</summary>
    public sealed record OutageWithdrawn(LandlordId Landlord, string Name, string Reason, string By, Instant At)
        : ExchangeListEvent;

    /// <summary>A landlord promised how much of each month a service works, from a month on.</summary>
    public sealed record ServiceLevelPublished(ServiceLevel Level, string By, Instant At) : ExchangeListEvent;

    /// <summary>How many days before a raise customers are told; null for the end of the month.</summary>
    public sealed record NoticeSet(int? Days, string By, Instant At) : ExchangeListEvent;

    /// <summary>
    /// The list of outages was published, whole; it took the place of the one before. Nobody writes this any more.
    /// </summary>
    public sealed record OutagesPublished(string File, string Yaml, string Sha256, string By, Instant At)
        : ExchangeListEvent;

    /// <summary>
    /// A list of a public cloud's prices was published; it takes the place of the same file's before.
    /// </summary>
    public sealed record PublicPricesPublished(string File, string Yaml, string Sha256, string By, Instant At)
        : ExchangeListEvent;
}

/// <summary>What the exchange keeps for all landlords: the names of the books, the outages, the public lists.</summary>
public sealed record ExchangeLists
{
    /// <summary>The one of an exchange: its stream is 'pricelists-exchange'.</summary>
    public const string Id = "exchange";

    public static readonly Fold<ExchangeLists, ExchangeListEvent> Fold = new("pricelists", new(), Evolve);

    public ImmutableSortedSet<string> Books { get; init; } =
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    public ImmutableArray<Outage> Outages { get; init; } = [];

    /// <summary>What was promised of services, each from a month on.</summary>
    public ImmutableArray<ServiceLevel> Levels { get; init; } = [];

    /// <summary>How many days before a raise customers are told; null for the end of the month.</summary>
    public int? NoticeDays { get; init; }

    /// <summary>From when on prices may be raised that are published now.</summary>
    public Instant RaisesFrom(Instant now) => NoticeDays is { } days
        ? now + Duration.FromDays(days)
        : BillingMonth.Of(now).End;

    /// <summary>The list and its hash by the file that it came from.</summary>
    public ImmutableSortedDictionary<string, (string Sha256, PublicPrices Prices)> Public { get; init; } =
        ImmutableSortedDictionary.Create<string, (string, PublicPrices)>(StringComparer.Ordinal);

    private static ExchangeLists Evolve(ExchangeLists lists, ExchangeListEvent happened) => happened switch
    {
        ExchangeListEvent.BookOpened e => lists with { Books = lists.Books.Add(e.Book) },
        ExchangeListEvent.OutagesPublished e =>
            lists with { Outages = Outage.ReadPublished(e.Yaml, e.File) },
        ExchangeListEvent.OutageDeclared e =>
            lists with
            {
                Outages = lists.Outages.RemoveAll(one => one.Is(e.Landlord, e.Name)).Add(e.Outage.ToldAt(
                    e.At, lists.Outages.FirstOrDefault(one => one.Is(e.Landlord, e.Name)))),
            },
        ExchangeListEvent.OutageWithdrawn e =>
            lists with { Outages = lists.Outages.RemoveAll(one => one.Is(e.Landlord, e.Name)) },
        ExchangeListEvent.ServiceLevelPublished e =>
            lists with
            {
                Levels = lists.Levels.RemoveAll(one => one.Landlord == e.Level.Landlord &&
                    one.Service == e.Level.Service && one.From == e.Level.From).Add(e.Level),
            },
        ExchangeListEvent.NoticeSet e => lists with { NoticeDays = e.Days },
        ExchangeListEvent.PublicPricesPublished e =>
            lists with
            {
                Public = lists.Public.SetItem(e.File, (e.Sha256, PublicPrices.ReadPublished(e.Yaml, e.File))),
            },
        _ => throw new CorruptStreamException(lists, happened),
    };
}
