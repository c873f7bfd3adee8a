using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>The part of quotes that prices a workload in one place.</summary>
public static partial class Quote
{
    /// <summary>One cluster of a landlord, from an instant on.</summary>
    private sealed record Place(
        PriceBooks Books, Instant At, string Policies, LandlordId Landlord, ClusterId Cluster, QuoteFor Whose)
    {
        private readonly Dictionary<BillingMonth, Rated> _before = [];

        /// <summary>Only what this agreement prices; everything where it is null.</summary>
        public string? Agreement { get; init; }

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
                [.. unpriced.Concat(usage.Select(Unbilled).OfType<string>()).Distinct()])
            {
                Usage = usage,
            };
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

            var rated = rater.Finish();
            return Agreement is null
                ? rated
                : rated with { Charges = [.. rated.Charges.Where(charge => charge.Agreement == Agreement)] };
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
