namespace Exchange.Rating;

/// <summary>
/// What someone else asks is passed on with a markup: the quantity is a cost in dollars. There is no markup on what
/// leaves a cloud; see <see cref="Egress"/>.
/// </summary>
public sealed record PassThrough(decimal Markup) : PriceModel
{
    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line) =>
        [new(null, quantity, 1 + Markup)];

    public override IEnumerable<decimal> Rates => [1 + Markup];
}
