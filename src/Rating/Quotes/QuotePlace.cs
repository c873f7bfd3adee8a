using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>The part of quotes that prices a workload in one place.</summary>
public static partial class Quote
{
    /// <summary>What usage adds to charges: those that are new, and by how much others are more or less.</summary>
    internal static IEnumerable<Charge> Added(IEnumerable<Charge> before, IEnumerable<Charge> after)
    {
        var old = before.ToDictionary(charge => charge.Id, StringComparer.Ordinal);
        foreach (var charge in after)
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

    /// <summary>One cluster of a landlord, from an instant on.</summary>
    /// <param name="Whose">With what of it is used at this landlord.</param>
    private sealed record Place(
        PriceBooks Books, Instant At, string Policies, LandlordId Landlord, ClusterId Cluster, QuoteFor Whose)
    {
        private readonly Dictionary<BillingMonth, (Rater Rater, byte[]? Used, Rated Before)> _months = [];
        private readonly Dictionary<(string Kind, Shape Shape, string? Meter), bool> _sold = [];
        private List<PriceSheet>? _sheets;

        private List<PriceSheet> Sheets => _sheets ??=
            [.. Books.Show(Landlord, At).Select(one => one.Sheet).Where(sheet => sheet.Clusters.Contains(Cluster))];

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

        private bool IsSold(QuotedUsage usage)
        {
            var key = (usage.Kind, usage.Shape, usage.Meter);
            if (!_sold.TryGetValue(key, out var sold))
            {
                _sold[key] = sold = usage.IsEgress || Sheets.Any(sheet => Matching(SkuIndex.Of(sheet), usage)
                    .Any(sku => usage.Meter is not null || Counting.SaysWhatIsCounted(sku, usage.Shape)));
            }

            return sold;
        }

        private IReadOnlyList<Sku> Matching(SkuIndex skus, QuotedUsage usage) => usage.Meter is { } meter
            ? skus.Of(Cluster, usage.Kind, meter)
            : skus.Of(Cluster, usage.Kind, usage.Shape);

        private bool Holds(Match match, QuotedUsage usage) => usage.Meter is { } meter
            ? match.HoldsFor(Cluster, usage.Kind, meter)
            : match.HoldsFor(Cluster, usage.Kind, usage.Shape);

        /// <summary>
        /// A landlord may say that a kind is not charged by itself; what is, then has to be asked for.
        /// </summary>
        private string? Unbilled(QuotedUsage usage) => IsSold(usage) ? null : Sheets
            .SelectMany(sheet => sheet.Unbilled)
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
                var before = Before(month).Before;
                var after = Rate(month, workload);
                charges.AddRange(Added(before, after));
                unpriced.AddRange(after.Unpriced.Where(one => one.Project == Whose.Project).Select(one => one.Why)
                    .Except(before.Unpriced.Select(one => one.Why)));
            }

            return (charges, unpriced);
        }

        /// <summary>
        /// What is used in a month already, added up once for all that is asked of it, and the rater that did.
        /// </summary>
        private (Rater Rater, byte[]? Used, Rated Before) Before(BillingMonth month)
        {
            if (_months.TryGetValue(month, out var known))
            {
                return known;
            }

            var rater = new Rater(Books, new(month, Policies)
            {
                Within = month.Period, // What a level would credit of an outage is no price, and nothing to lock.
                Binds = (_, _) => false,
                PiOf = Whose.PiOf,
                MovesOf = Whose.MovesOf is { } moves ? (at, project) => moves(at, project, month.Period) : null,
            });
            byte[]? used = null;
            if (Whose.Used.Count + Whose.Counted.Count > 0)
            {
                foreach (var one in Whose.Used)
                {
                    rater.Add(one);
                }

                foreach (var one in Whose.Counted)
                {
                    rater.Add(one);
                }

                if (rater.Part() is { Length: > 0 } part)
                {
                    rater.Add(used = part);
                }
            }

            return _months[month] = (rater, used, Agreed(rater.Finish()));
        }

        private IEnumerable<Charge> Added(Rated before, Rated after) => Quote.Added(Mine(before), Mine(after));

        private IEnumerable<Charge> Mine(Rated rated) => rated.Charges.Where(charge => charge.Project == Whose.Project);

        private Rated Rate(BillingMonth month, IReadOnlyList<QuotedUsage> workload)
        {
            var (rater, used, _) = Before(month);
            rater.Restart();
            if (used is not null)
            {
                rater.Add(used);
            }

            foreach (var (usage, place) in workload.Select((usage, place) => (usage, place)))
            {
                for (var n = 0; n < usage.Resources; n++)
                {
                    Add(rater, month, usage, new(Landlord, Cluster, usage.Kind, $"quote {place}-{n}"));
                }
            }

            return Agreed(rater.Finish());
        }

        private Rated Agreed(Rated rated) => Agreement is null
            ? rated
            : rated with { Charges = [.. rated.Charges.Where(charge => charge.Agreement == Agreement)] };

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
