using Exchange.Rating;

namespace Exchange.Portal.Costs.Changes;

/// <summary>Whether what is asked for a SKU changed between two periods.</summary>
internal static class Prices
{
    public static bool Differ(PriceBooks books, UsedKey key, CostRange before, CostRange after)
    {
        var (was, now) = (In(books, key, before), In(books, key, after));
        return !was.SetEquals(now);
    }

    /// <summary>What price sheets that held in a period ask: flat prices as such, others by their sheet.</summary>
    private static HashSet<string> In(PriceBooks books, UsedKey key, CostRange range)
    {
        var period = new Period(
            range.From.AtMidnight().InUtc().ToInstant(), range.To.AtMidnight().InUtc().ToInstant());
        return
        [
            .. from of in books.List()
               where of.Published.Sheet.Landlord.Value == key.Landlord && of.Published.Sheet.Service == key.Service
               where of.Period.Clip(period) is not null
               from sku in of.Published.Sheet.Skus
               where sku.Id.Value == key.Sku
               select sku.Model is Flat ? Text.Of(sku.Rate) : $"{of.Published.Id}",
        ];
    }
}
