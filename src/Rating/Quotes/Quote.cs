using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>A part of a workload: so many alike resources for so long, or so much of a meter.</summary>
/// <param name="Meter">A meter such as 'egress' with its quantity; null for time.</param>
public sealed record QuotedUsage(
    string Kind, Shape Shape, Duration Length, int Resources = 1, ResourceState State = ResourceState.Running,
    string? Meter = null, decimal Quantity = 0);

/// <summary>What a cluster of a landlord asks for a workload, as far as it can serve it.</summary>
/// <param name="Missing">Why parts of the workload have no price there.</param>
/// <param name="Avoided">What the egress in the workload would cost at public list prices.</param>
public sealed record Offer(
    LandlordId Landlord, ClusterId Cluster, Money Total, Money? Avoided, IReadOnlyList<Charge> Charges,
    IReadOnlyList<string> Missing)
{
    public bool ServesAll => Missing.Count == 0;
}

/// <summary>
/// 'POST /v1/quotes' — a workload priced by every landlord that has a price for any of it, at the prices of an instant.
/// Whole offers come first, then the cheaper.
/// </summary>
public static class Quote
{
    private static readonly ProjectId Project = new("quote");

    public static IReadOnlyList<Offer> Of(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected) =>
    [
        .. books.List().Where(sheet => sheet.Period.Contains(at))
            .SelectMany(sheet => sheet.Sheet.Clusters.Select(cluster => (sheet.Sheet.Landlord, Cluster: cluster)))
            .Distinct().Select(place => Of(books, workload, at, policies, place.Landlord, place.Cluster))
            .Where(offer => offer.Charges.Count > 0)
            .OrderBy(offer => offer.Missing.Count).ThenBy(offer => offer.Total.Cents)
            .ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
    ];

    private static Offer Of(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies, LandlordId landlord,
        ClusterId cluster)
    {
        var longest = workload.Max(usage => usage.Length);
        var within = new Period(at, at + Duration.Max(longest, Duration.FromDays(1)));
        var rater = new Rater(Held(books, at), new(BillingMonth.Of(at), policies)
        {
            Within = within,
            Binds = (_, _) => false,
        });
        foreach (var (usage, place) in workload.Select((usage, place) => (usage, place)))
        {
            for (var n = 0; n < usage.Resources; n++)
            {
                var resource = new ResourceId(landlord, cluster, usage.Kind, $"{place}-{n}");
                if (usage.Meter is { } meter)
                {
                    var day = new DailyTotal(resource, Project, meter, at.InUtc().Date.PlusDays(1), usage.Quantity);
                    rater.Add(day);
                }
                else
                {
                    rater.Add(new Segment(
                        resource, Project, new(at, at + usage.Length), usage.State, usage.Shape));
                }
            }
        }

        var rated = rater.Finish();
        var avoided = rated.Charges.Select(charge => charge.Avoided).OfType<Money>().ToList();
        return new(
            landlord, cluster, rated.Total, avoided.Count == 0 ? null : Money.Sum(avoided), rated.Charges,
            [.. rated.Unpriced.Select(unpriced => unpriced.Why).Distinct()]);
    }

    /// <summary>The sheets of the instant as if they held for ever, without outages: nobody plans one.</summary>
    private static PriceBooks Held(PriceBooks books, Instant at) => PriceBooks.Of(
        books.List().Where(sheet => sheet.Period.Contains(at))
            .Select(sheet => sheet.Published with { Sheet = sheet.Sheet with { Until = null } })) with
    {
        Public = books.Public,
    };
}
