using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>What a project promised to take each month, at a rate of its own.</summary>
public readonly record struct Promise(ClusterId Cluster, ProjectId Project, decimal Quantity, decimal Rate)
{
    /// <summary>Dollars that are spent a month, where that is promised; null for a quantity.</summary>
    public decimal? Spend { get; init; }

    /// <summary>Whole months in which it holds; null for as long as the sheet does.</summary>
    public Period? Period { get; init; }

    /// <summary>The agreement between project and landlord; null for what the sheet itself says.</summary>
    public string? Agreement { get; init; }

    /// <summary>What of it falls to the time of a line: of a part of the month that part.</summary>
    internal Exact In(PricedLine line)
    {
        var share = Period is not { } period ? line.ShareOfMonth : Exact.Of(
            (line.Period.Clip(line.Month)?.Clip(period)?.Length ?? Duration.Zero).BclCompatibleTicks,
            line.Month.Length.BclCompatibleTicks);
        return share * (Spend is { } dollars ? Exact.Of(dollars) / Exact.Of(Rate) : Exact.Of(Quantity));
    }
}

/// <summary>
/// Who promised a quantity a month pays it, used or not, and what is more than that at the SKU's price, as all others
/// do. A sheet that holds for a part of the month asks for that part of the quantity.
/// </summary>
public sealed record Commitment(ImmutableArray<Promise> Promises) : PriceModel
{
    /// <summary>What prices that which is more than was promised.</summary>
    public PriceModel Base { get; init; } = Flat.Instance;

    public override IEnumerable<(ClusterId, ProjectId)> Bound =>
        Promises.Select(promise => (promise.Cluster, promise.Project)).Concat(Base.Bound);

    public override IEnumerable<decimal> Rates => Promises.Select(promise => promise.Rate).Concat(Base.Rates);

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        var promised = Exact.Zero;
        foreach (var promise in Promises.Where(p => p.Project == line.Project && p.Cluster == line.Cluster))
        {
            var part = promise.In(line);
            if (!part.IsZero)
            {
                promised += part;
                var name = promise.Spend is null ? "committed" : "committed to spend";
                yield return new(Charge.AgreedStep(name, promise.Agreement), part, promise.Rate)
                {
                    IsStanding = true,
                    Agreement = promise.Agreement,
                };
            }
        }

        var more = quantity - promised;
        foreach (var step in Base.Price(more, rate, line).Where(step => !step.Quantity.IsZero))
        {
            yield return promised.IsZero ? step : step.Beyond("commitment");
        }
    }

    public bool Equals(Commitment? other) =>
        other is not null && Promises.SequenceEqual(other.Promises) && Base.Equals(other.Base);
    public override int GetHashCode() => Promises.Length;
}
