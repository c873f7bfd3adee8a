using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>A part of a workload: so many alike resources for so long, or so much of a meter.</summary>
/// <param name="Meter">A meter such as 'egress' with its quantity; null for time.</param>
public sealed record QuotedUsage(
    string Kind, Shape Shape, Duration Length, int Resources = 1, ResourceState State = ResourceState.Running,
    string? Meter = null, decimal Quantity = 0)
{
    /// <summary>Kinds that would do as well, tried in this order where the first has no price.</summary>
    public IReadOnlyList<string> Or { get; init; } = [];

    internal bool IsEgress => Meter is { } meter && Egress.IsNamedBy(meter);
}

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
/// 'POST /v1/quotes', '/quotes' and 'exchange quote' — a workload priced by every landlord that has a price for any of
/// it, at the prices of an instant. Whole offers come first, then the cheaper.
/// </summary>
public static class Quote
{
    private static readonly ProjectId Project = new("quote");

    public static IReadOnlyList<Offer> Of(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected)
    {
        var held = Held(books, at);
        return
        [
            .. held.List().SelectMany(sheet => sheet.Sheet.Clusters.Select(cluster => (sheet.Sheet.Landlord, cluster)))
                .Distinct().Select(place => new Place(held, at, policies, place.Landlord, place.cluster)
                    .Offer(workload))
                .OfType<Offer>()
                .OrderBy(offer => offer.Missing.Count).ThenBy(offer => offer.Total.Cents)
                .ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
                .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
        ];
    }

    /// <summary>One cluster of a landlord, at the prices of an instant.</summary>
    private sealed record Place(
        PriceBooks Books, Instant At, string Policies, LandlordId Landlord, ClusterId Cluster)
    {
        /// <summary>Null where nothing of the workload is sold; what leaves costs nothing and sells nothing.</summary>
        public Offer? Offer(IReadOnlyList<QuotedUsage> workload)
        {
            var usage = workload.Select(Sold).ToList();
            var rated = Rate(usage);
            if (!usage.Any(one => IsSold(one) && (!one.IsEgress || workload.All(part => part.IsEgress))))
            {
                return null;
            }

            var avoided = rated.Charges.Select(charge => charge.Avoided).OfType<Money>().ToList();
            return new(
                Landlord, Cluster, rated.Total, avoided.Count == 0 ? null : Money.Sum(avoided), rated.Charges,
                [.. rated.Unpriced.Select(unpriced => unpriced.Why).Concat(usage.Select(Unbilled).OfType<string>())
                    .Distinct()]);
        }

        /// <summary>The usage as the first of its kinds that has a price here.</summary>
        private QuotedUsage Sold(QuotedUsage usage) =>
            usage.Or.Prepend(usage.Kind).Select(kind => usage with { Kind = kind }).FirstOrDefault(IsSold) ?? usage;

        private bool IsSold(QuotedUsage usage) => Rate([usage with { Resources = 1 }]).Charges.Count > 0;

        /// <summary>
        /// A landlord may say that a kind is not charged by itself; what is, then has to be asked for.
        /// </summary>
        private string? Unbilled(QuotedUsage usage) => Books.List()
            .Where(sheet => sheet.Sheet.Landlord == Landlord && sheet.Sheet.Clusters.Contains(Cluster))
            .SelectMany(sheet => sheet.Sheet.Unbilled)
            .FirstOrDefault(one => one.Match.Any(match => usage.Meter is { } meter
                ? match.HoldsFor(Cluster, usage.Kind, meter)
                : match.HoldsFor(Cluster, usage.Kind, usage.Shape))) is { } found && !IsSold(usage)
                ? $"{Landlord} does not charge for '{usage.Meter ?? usage.Kind}' by itself. {found.Because}"
                : null;

        private Rated Rate(IReadOnlyList<QuotedUsage> workload)
        {
            var longest = Duration.Max(workload.Max(usage => usage.Length), Duration.FromDays(1));
            var rater = new Rater(Books, new(BillingMonth.Of(At), Policies)
            {
                Within = new(At, At + longest),
                Binds = (_, _) => false,
            });
            foreach (var (usage, place) in workload.Select((usage, place) => (usage, place)))
            {
                for (var n = 0; n < usage.Resources; n++)
                {
                    var resource = new ResourceId(Landlord, Cluster, usage.Kind, $"{place}-{n}");
                    if (usage.Meter is { } meter)
                    {
                        // A count is of a day, and the period may begin inside one.
                        var day = At.InUtc().Date.PlusDays(At.InUtc().TimeOfDay == LocalTime.Midnight ? 0 : 1);
                        rater.Add(new DailyTotal(resource, Project, meter, day, usage.Quantity));
                    }
                    else
                    {
                        rater.Add(new Segment(
                            resource, Project, new(At, At + usage.Length), usage.State, usage.Shape));
                    }
                }
            }

            return rater.Finish();
        }
    }

    /// <summary>The sheets of the instant as if they held for ever, without outages: nobody plans one.</summary>
    private static PriceBooks Held(PriceBooks books, Instant at) => PriceBooks.Of(
        books.List().Where(sheet => sheet.Period.Contains(at))
            .Select(sheet => sheet.Published with { Sheet = sheet.Sheet with { Until = null } })) with
    {
        Public = books.Public,
    };
}
