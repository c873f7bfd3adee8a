using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What is promised of a service in a cluster, and how it did in a month so far.</summary>
/// <param name="Availability">In percent of the whole month, as the level counts.</param>
/// <param name="OutHours">What counts as out of service.</param>
/// <param name="ExcludedHours">What was out of service and does not count.</param>
/// <param name="Credit">The percent of the month's charges that is credited.</param>
internal sealed record LevelRow(
    LandlordId Landlord, string Service, ClusterId Cluster, BillingMonth Month, decimal Availability,
    decimal OutHours, decimal ExcludedHours, decimal Credit, string Promised)
{
    public string Id => $"{Landlord} {Service} {Cluster}";

    /// <summary>By landlord, service and cluster; nothing of services of which nothing is promised.</summary>
    public static IReadOnlyList<LevelRow> Of(PriceBooks books, LandlordId? landlord, BillingMonth month, Instant now) =>
    [
        .. from sheet in books.List()
           where (landlord ?? sheet.Sheet.Landlord) == sheet.Sheet.Landlord && sheet.Period.Overlaps(month.Period)
           from cluster in sheet.Sheet.Clusters
           let of = (sheet.Sheet.Landlord, sheet.Sheet.Service, Cluster: cluster)
           group of by of into same
           let level = ServiceCredits.Measure(books, same.Key, month, Instant.Min(month.End, now))
           where level is not null
           orderby same.Key.Landlord.Value, same.Key.Service, same.Key.Cluster.Value
           select Row(same.Key, month, level.Value.Level, level.Value.Measured),
    ];

    private static LevelRow Row(
        (LandlordId Landlord, string Service, ClusterId Cluster) of, BillingMonth month, ServiceLevel level,
        ServiceAvailability measured) => new(
            of.Landlord, of.Service, of.Cluster, month, measured.Percent, Hours(measured.Out),
            Hours(measured.Excluded), level.CreditAt(measured),
            level.Terms[(level.Terms.IndexOf(':', StringComparison.Ordinal) + 2)..]);

    private static decimal Hours(Duration time) =>
        decimal.Round((decimal)time.TotalHours, 2, MidpointRounding.ToEven);
}
