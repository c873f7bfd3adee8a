using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>One step of tiers: what lies up to here has this rate.</summary>
/// <param name="UpTo">Its end, which belongs to it; null for the last.</param>
public readonly record struct Tier(decimal? UpTo, decimal Rate)
{
    /// <summary>'up to 100', 'above 100': what a line says.</summary>
    public static string Name(decimal? from, decimal? upTo) => upTo is { } end
        ? $"up to {Text.Of(end)}"
        : $"above {Text.Of(from ?? 0)}";
}

/// <summary>
/// Each part of the quantity has the rate of the tier that it lies in: the price is continuous, and more never costs
/// less.
/// </summary>
public sealed record Graduated(ImmutableArray<Tier> Tiers) : PriceModel
{
    public override IEnumerable<decimal> Rates => Tiers.Select(tier => tier.Rate);

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        decimal? from = null;
        foreach (var tier in Tiers)
        {
            var upTo = tier.UpTo is { } end ? Exact.Min(quantity, Exact.Of(end)) : quantity;
            var part = upTo - Exact.Of(from ?? 0);
            if (!part.IsZero)
            {
                yield return new(Tier.Name(from, tier.UpTo), part, tier.Rate);
            }

            from = tier.UpTo;
        }
    }

    public bool Equals(Graduated? other) => other is not null && Tiers.SequenceEqual(other.Tiers);
    public override int GetHashCode() => Tiers.Length;
}
