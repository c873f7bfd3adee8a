namespace Exchange.Rating;

/// <summary>Sold in whole packages only: what is begun is paid. The rate is that of a package.</summary>
public sealed record Package(decimal Size) : PriceModel
{
    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line) =>
        [new(null, (quantity / Exact.Of(Size)).Ceiling(), rate)];
}
