using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>
/// All of the quantity has the rate of the tier that it reaches; one unit more can make the whole cheaper.
/// </summary>
public sealed record Volume(ImmutableArray<Tier> Tiers) : PriceModel
{
    public override IEnumerable<decimal> Rates => Tiers.Select(tier => tier.Rate);

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        decimal? from = null;
        foreach (var tier in Tiers)
        {
            if (tier.UpTo is not { } end || quantity <= Exact.Of(end))
            {
                yield return new(Tier.Name(from, tier.UpTo), quantity, tier.Rate);
                yield break;
            }

            from = end;
        }
    }

    public bool Equals(Volume? other) => other is not null && Tiers.SequenceEqual(other.Tiers);
    public override int GetHashCode() => Tiers.Length;
}
