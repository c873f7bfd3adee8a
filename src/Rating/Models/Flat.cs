namespace Exchange.Rating;

/// <summary>Every unit costs the same.</summary>
public sealed record Flat : PriceModel
{
    public static Flat Instance { get; } = new();

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line) =>
        [new(null, quantity, rate)];
}
