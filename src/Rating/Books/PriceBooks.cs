using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// All that prices depend on: every landlord's sheets, outages and public list prices, as published by some instant.
/// Immutable; what-if questions are asked of a copy.
/// </summary>
public sealed record PriceBooks(
    ImmutableSortedDictionary<string, PriceBook> Books, ImmutableArray<Outage> Outages,
        ImmutableArray<PublicPrices> Public)
{
    public static PriceBooks Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, PriceBook>(StringComparer.Ordinal), [], []);

    /// <summary>How many events of the journal they were made of: it grows with everything that is published.</summary>
    public long Version { get; init; }

    /// <summary>What was agreed with customers: it goes before what is published.</summary>
    public Agreements Agreements { get; init; } = Agreements.Nothing;

    /// <summary>What landlords promised of their services.</summary>
    public ImmutableArray<ServiceLevel> Levels { get; init; } = [];

    /// <summary>What a landlord promises of a service in a month; null for nothing.</summary>
    public ServiceLevel? LevelIn(LandlordId landlord, string service, BillingMonth month) =>
        ServiceLevels.In(Levels, landlord, service, month);

    /// <summary>Books that hold just these sheets.</summary>
    public static PriceBooks Of(IEnumerable<PublishedSheet> sheets) => Empty with
    {
        Books = sheets.GroupBy(sheet => sheet.Sheet.BookName, StringComparer.Ordinal).ToImmutableSortedDictionary(
            book => book.Key, book => new PriceBook([.. book]), StringComparer.Ordinal),
    };

    /// <summary>Every sheet that is in force at some time, by landlord, service and time.</summary>
    public IReadOnlyList<SheetInForce> List() => [.. Books.Values.SelectMany(book => book.InForce())];

    /// <summary>The sheets of a landlord that hold at an instant.</summary>
    public IReadOnlyList<SheetInForce> Show(LandlordId landlord, Instant at) =>
        [.. List().Where(sheet => sheet.Sheet.Landlord == landlord && sheet.Period.Contains(at))];

    /// <summary>The version that a charge names, or null.</summary>
    public PublishedSheet? Sheet(string id) =>
        Books.Values.SelectMany(book => book.All).FirstOrDefault(sheet => sheet.Id == id);

    /// <summary>The sheets that price one cluster at some time of a period.</summary>
    public IReadOnlyList<SheetInForce> Covering(LandlordId landlord, ClusterId cluster, Period period) =>
    [
        .. from sheet in List()
           where sheet.Sheet.Landlord == landlord && sheet.Sheet.Clusters.Contains(cluster)
           let part = sheet.Period.Clip(period)
           where part is not null
           select sheet with { Period = part.Value },
    ];

    /// <summary>The sheets by which agreements price something in a period.</summary>
    public IEnumerable<PriceSheet> Locked(Period period) => Agreements.Locks
        .Where(one => one.Period.Overlaps(period)).SelectMany(one => one.Sheets)
        .Where(sheet => sheet.Period.Overlaps(period)).Select(sheet => sheet.Sheet).Distinct()
        .Select(Sheet).OfType<PublishedSheet>().Select(sheet => sheet.Sheet);

    /// <summary>What the books would be with this sheet published on top.</summary>
    public PriceBooks With(PriceSheet sheet, Instant now)
    {
        var book = Books.GetValueOrDefault(sheet.BookName) ?? PriceBook.Fold.Initial;
        var version = book.All.Count(old => old.Sheet.From == sheet.From) + 1;
        return this with
        {
            Books = Books.SetItem(sheet.BookName, new(book.All.Add(new(sheet, version, "", "", "", now)))),
        };
    }
}
