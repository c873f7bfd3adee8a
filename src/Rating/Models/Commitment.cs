using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>What a project promised to take each month, at a rate of its own.</summary>
public readonly record struct Promise(ClusterId Cluster, ProjectId Project, decimal Quantity, decimal Rate);

/// <summary>
/// Who promised a quantity a month pays it, used or not, and what is more than that at the SKU's rate, as all others
/// do. A sheet that holds for a part of the month asks for that part of the quantity.
/// </summary>
public sealed record Commitment(ImmutableArray<Promise> Promises) : PriceModel
{
    public override IEnumerable<(ClusterId, ProjectId)> Bound =>
        Promises.Select(promise => (promise.Cluster, promise.Project));

    public override IEnumerable<decimal> Rates => Promises.Select(promise => promise.Rate);

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        var promised = Exact.Zero;
        foreach (var promise in Promises.Where(p => p.Project == line.Project && p.Cluster == line.Cluster))
        {
            var part = Exact.Of(promise.Quantity) * line.ShareOfMonth;
            promised += part;
            yield return new("committed", part, promise.Rate) { IsStanding = true };
        }

        var more = quantity - promised;
        if (!more.IsZero)
        {
            yield return new(promised.IsZero ? null : "above the commitment", more, rate);
        }
    }

    public bool Equals(Commitment? other) => other is not null && Promises.SequenceEqual(other.Promises);
    public override int GetHashCode() => Promises.Length;
}
