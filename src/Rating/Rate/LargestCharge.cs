namespace Exchange.Rating;

/// <summary>
/// The largest amount that a line may come to: more than anybody was ever charged, and so little that all charges of a
/// month add up. A line beyond it has a wrong price or a wrong reading. It is told, like usage without a price, and all
/// others are billed: what one landlord publishes and reports must not keep the month of everybody from being rated.
/// </summary>
internal static class LargestCharge
{
    /// <summary>In dollars: one unit at the highest rate that a sheet may have.</summary>
    public const decimal Amount = SheetReader.MaxRate;

    /// <summary>A quantity of more digits cannot be written beside its price.</summary>
    private static readonly Exact MaxQuantity = Exact.Of(1_000_000_000_000_000_000_000_000m);
    private static readonly Exact MaxAmount = Exact.Of(Amount);

    /// <summary>What is bought is reckoned by the dearest tier, used or not, and so has more room.</summary>
    private static readonly Exact MaxBought = Exact.Of(Amount * 1_000);

    /// <param name="price">The exact price of the step's quantity.</param>
    public static bool IsExceededBy(Line line, Step step, Exact price) =>
        price > MaxAmount || step.Quantity > MaxQuantity || line.EgressGib > Amount ||
        (line.Sku.Wholesale is { } wholesale && step.Quantity * Exact.Of(wholesale.Rates.Max()) > MaxBought);

    /// <summary>The same of a cost that is passed on.</summary>
    public static bool IsExceededBy(decimal cost, decimal markup) =>
        decimal.Abs(cost) > Amount || decimal.Abs(cost) * (1 + decimal.Min(markup, Amount)) > Amount;
}
