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

/// <summary>A workload over several places, each part where it costs least.</summary>
/// <param name="Missing">Why parts of the workload have no price anywhere.</param>
public sealed record Mix(IReadOnlyList<Offer> Parts, Money Total, IReadOnlyList<string> Missing);

/// <summary>Whose workload it is, and what is used in its months already: tiers depend on it.</summary>
/// <param name="PiOf">Who answers for a project, where it is known.</param>
public sealed record QuoteFor(
    ProjectId Project, IReadOnlyList<Segment> Used, IReadOnlyList<DailyTotal> Counted,
    Func<ClusterId, ProjectId, Instant, PiId?>? PiOf = null)
{
    /// <summary>Somebody who used nothing, where nobody else did.</summary>
    public static QuoteFor Anybody { get; } = new(new("quote"), [], []);
}

/// <summary>
/// 'POST /v1/quotes', '/quotes' and 'exchange quote' — a workload priced by every landlord that has a price for any of
/// it: what exactly that usage is billed, by the sheets and outages that are published by now, in each of its months.
/// Whole offers come first, then the cheaper.
/// </summary>
public static class Quote
{
    public static IReadOnlyList<Offer> Of(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected,
        QuoteFor? whose = null) =>
    [
        .. Places(books, at, policies, whose).Select(place => place.Offer(workload)).OfType<Offer>()
            .OrderBy(offer => offer.Missing.Count).ThenBy(offer => offer.Total.Cents)
            .ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Each part where it costs least by itself, priced together with the others that fall to the same place. One place
    /// that serves all of it for less is better.
    /// </summary>
    public static Mix Best(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected,
        QuoteFor? whose = null)
    {
        List<Place> places = [.. Places(books, at, policies, whose)];
        var found = new Dictionary<Place, List<QuotedUsage>>();
        var missing = new List<string>();
        foreach (var part in workload)
        {
            var cheapest = places.Select(place => (Place: place, Offer: place.Offer([part])))
                .Where(one => one.Offer is { ServesAll: true }).OrderBy(one => one.Offer!.Total.Cents)
                .ThenBy(one => one.Place.Landlord.Value, StringComparer.Ordinal)
                .ThenBy(one => one.Place.Cluster.Value, StringComparer.Ordinal).FirstOrDefault();
            if (cheapest.Offer is null)
            {
                missing.Add($"Nobody sells '{part.Meter ?? part.Kind}' as it is asked for.");
            }
            else if (found.TryGetValue(cheapest.Place, out var parts))
            {
                parts.Add(part);
            }
            else
            {
                found[cheapest.Place] = [part];
            }
        }

        List<Offer> mixed = [.. found.Select(of => of.Key.Offer(of.Value)!)
            .OrderBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal)];
        var total = Money.Sum(mixed.Select(offer => offer.Total));
        var whole = missing.Count > 0 ? null : places.Select(place => place.Offer(workload)).OfType<Offer>()
            .Where(offer => offer.ServesAll).MinBy(offer => offer.Total.Cents);
        return whole is not null && whole.Total <= total ? new([whole], whole.Total, []) : new(mixed, total, missing);
    }

    private static IEnumerable<Place> Places(PriceBooks books, Instant at, string policies, QuoteFor? whose) =>
        books.List().Where(sheet => sheet.Period.Contains(at))
            .SelectMany(sheet => sheet.Sheet.Clusters.Select(cluster => (sheet.Sheet.Landlord, cluster))).Distinct()
            .Select(place => new Place(
                books, at, policies, place.Landlord, place.cluster, whose ?? QuoteFor.Anybody));

    /// <summary>One cluster of a landlord, from an instant on.</summary>
    private sealed record Place(
        PriceBooks Books, Instant At, string Policies, LandlordId Landlord, ClusterId Cluster, QuoteFor Whose)
    {
        private readonly Dictionary<BillingMonth, Rated> _before = [];

        /// <summary>Null where nothing of the workload is sold; what leaves costs nothing and sells nothing.</summary>
        public Offer? Offer(IReadOnlyList<QuotedUsage> workload)
        {
            var usage = workload.Select(Sold).ToList();
            if (!usage.Any(one => IsSold(one) && (!one.IsEgress || workload.All(part => part.IsEgress))))
            {
                return null;
            }

            var (charges, unpriced) = Rate(usage);
            var avoided = charges.Select(charge => charge.Avoided).OfType<Money>().ToList();
            return new(
                Landlord, Cluster, Money.Sum(charges.Select(charge => charge.Amount)),
                avoided.Count == 0 ? null : Money.Sum(avoided), charges,
                [.. unpriced.Concat(usage.Select(Unbilled).OfType<string>()).Distinct()]);
        }

        public bool Equals(Place? other) => other is not null && Landlord == other.Landlord && Cluster == other.Cluster;
        public override int GetHashCode() => HashCode.Combine(Landlord, Cluster);

        /// <summary>The usage as the first of its kinds that has a price here.</summary>
        private QuotedUsage Sold(QuotedUsage usage) =>
            usage.Or.Prepend(usage.Kind).Select(kind => usage with { Kind = kind }).FirstOrDefault(IsSold) ?? usage;

        private bool IsSold(QuotedUsage usage) => Books.Show(Landlord, At)
            .Where(sheet => sheet.Sheet.Clusters.Contains(Cluster)).SelectMany(sheet => sheet.Sheet.Skus)
            .Any(sku => sku.Match.Any(match => Holds(match, usage)) &&
                (usage.Meter is not null || Counting.SaysWhatIsCounted(sku, usage.Shape))) || usage.IsEgress;

        private bool Holds(Match match, QuotedUsage usage) => usage.Meter is { } meter
            ? match.HoldsFor(Cluster, usage.Kind, meter)
            : match.HoldsFor(Cluster, usage.Kind, usage.Shape);

        /// <summary>
        /// A landlord may say that a kind is not charged by itself; what is, then has to be asked for.
        /// </summary>
        private string? Unbilled(QuotedUsage usage) => IsSold(usage) ? null : Books.Show(Landlord, At)
            .Where(sheet => sheet.Sheet.Clusters.Contains(Cluster)).SelectMany(sheet => sheet.Sheet.Unbilled)
            .FirstOrDefault(one => one.Match.Any(match => Holds(match, usage))) is { } found
                ? $"{Landlord} does not charge for '{usage.Meter ?? usage.Kind}' by itself. {found.Because}"
                : null;

        /// <summary>Month by month what the workload adds to what is used already.</summary>
        private (List<Charge> Charges, List<string> Unpriced) Rate(IReadOnlyList<QuotedUsage> workload)
        {
            var (charges, unpriced) = (new List<Charge>(), new List<string>());
            var end = At + Duration.Max(workload.Max(usage => usage.Length), Duration.FromTicks(1));
            for (var month = BillingMonth.Of(At); month.Start < end; month = month.Next)
            {
                var before = Before(month);
                var after = Rate(month, workload);
                charges.AddRange(Added(before, after));
                unpriced.AddRange(after.Unpriced.Where(one => one.Project == Whose.Project).Select(one => one.Why)
                    .Except(before.Unpriced.Select(one => one.Why)));
            }

            return (charges, unpriced);
        }

        private Rated Before(BillingMonth month)
        {
            if (!_before.TryGetValue(month, out var before))
            {
                _before[month] = before = Rate(month, []);
            }

            return before;
        }

        private IEnumerable<Charge> Added(Rated before, Rated after)
        {
            var old = before.Charges.Where(charge => charge.Project == Whose.Project)
                .ToDictionary(charge => charge.Id, StringComparer.Ordinal);
            foreach (var charge in after.Charges.Where(charge => charge.Project == Whose.Project))
            {
                if (!old.Remove(charge.Id, out var was))
                {
                    yield return charge;
                }
                else if (charge.Amount != was.Amount || charge.Quantity != was.Quantity)
                {
                    yield return Less(charge, charge.Quantity.Amount - was.Quantity.Amount, charge.Amount - was.Amount);
                }
            }

            foreach (var gone in old.Values)
            {
                yield return Less(gone, -gone.Quantity.Amount, -gone.Amount); // A cheaper tier took its place.
            }
        }

        private static Charge Less(Charge charge, decimal quantity, Money amount) => charge with
        {
            Quantity = charge.Quantity with { Amount = quantity },
            Amount = amount,
            Bought = null,
        };

        private Rated Rate(BillingMonth month, IReadOnlyList<QuotedUsage> workload)
        {
            var rater = new Rater(Books, new(month, Policies) { Binds = (_, _) => false, PiOf = Whose.PiOf });
            foreach (var used in Whose.Used.Where(one => one.Resource.Landlord == Landlord))
            {
                rater.Add(used);
            }

            foreach (var counted in Whose.Counted.Where(one => one.Resource.Landlord == Landlord))
            {
                rater.Add(counted);
            }

            foreach (var (usage, place) in workload.Select((usage, place) => (usage, place)))
            {
                for (var n = 0; n < usage.Resources; n++)
                {
                    Add(rater, month, usage, new(Landlord, Cluster, usage.Kind, $"quote {place}-{n}"));
                }
            }

            return rater.Finish();
        }

        private void Add(Rater rater, BillingMonth month, QuotedUsage usage, ResourceId resource)
        {
            if (usage.Meter is { } meter)
            {
                // A count is of a day, and what holds then begins at midnight.
                var day = At.InUtc().Date.PlusDays(At.InUtc().TimeOfDay == LocalTime.Midnight ? 0 : 1);
                rater.Add(new DailyTotal(resource, Whose.Project, meter, day, usage.Quantity));
            }
            else if (new Period(At, At + usage.Length).Clip(month.Period) is { } period)
            {
                rater.Add(new Segment(resource, Whose.Project, period, usage.State, usage.Shape));
            }
        }
    }
}
