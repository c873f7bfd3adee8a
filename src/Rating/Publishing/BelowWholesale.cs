namespace Exchange.Rating;

/// <summary>
/// SKUs that a landlord sells for less than it buys them for, by any of their prices, without saying so: each unit
/// sold would cost it money, and nobody would notice before the settlement.
/// </summary>
internal static class BelowWholesale
{
    public static IEnumerable<Refusal> Of(PriceSheet sheet) =>
        from sku in sheet.Skus
        let paid = sku.Wholesale?.Highest ?? 0
        where sku.Wholesale is not null && sku.BelowWholesale is null && Lowest(sku) < paid
        select new Refusal(
            "prices/below-wholesale",
            $"SKU '{sku.Id}' is sold for {Text.Of(Lowest(sku))} a {sku.Unit} and bought for " +
            $"{Text.Of(paid)}, so each one loses {Text.Of(paid - Lowest(sku))}. If " +
            "that is meant, say why: below_wholesale: \"…\". Otherwise raise the price.", sku.Where);

    /// <summary>The least that a unit is sold for: by a tier, hours, a promise, or the rate where it stands.</summary>
    private static decimal Lowest(Sku sku)
    {
        var rates = sku.Model.Rates.ToList();
        if (sku.Model is not (Graduated or Volume or PassThrough))
        {
            rates.Add(sku.Rate); // Of packages both prices are for a package.
        }

        return rates.Min();
    }
}
