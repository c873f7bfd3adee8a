using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// 'exchange prices simulate FILE --month M' — the books as they would be had a sheet held in a month.
/// </summary>
public static class SimulatePrices
{
    /// <summary>A sheet that begins after the month is taken as if it had held all of it.</summary>
    public static PriceBooks Books(PriceBooks books, PriceSheet sheet, BillingMonth month, Instant now)
    {
        if (sheet.From < month.End)
        {
            return books.With(sheet, now);
        }

        var alone = books with { Books = books.Books.Remove(sheet.BookName) };
        return alone.With(sheet with { From = month.Start, Until = null }, now);
    }
}

/// <summary>What a project's use of a SKU comes to in two ratings of the same usage.</summary>
public sealed record RatedDifference(
    LandlordId Landlord, ClusterId Cluster, ProjectId Project, SkuId Sku, Money Before, Money After)
{
    public Money Change => After - Before;

    /// <summary>By project and SKU; those that do not differ are left out.</summary>
    public static IReadOnlyList<RatedDifference> Between(Rated before, Rated after)
    {
        var old = Sums(before);
        var young = Sums(after);
        return
        [
            .. from key in old.Keys.Union(young.Keys)
               let change = new RatedDifference(
                   key.Landlord, key.Cluster, key.Project, key.Sku, old.GetValueOrDefault(key),
                   young.GetValueOrDefault(key))
               where !change.Change.IsZero
               orderby key.Landlord.Value, key.Project.Value, key.Cluster.Value, key.Sku.Value
               select change,
        ];
    }

    private static Dictionary<(LandlordId Landlord, ClusterId Cluster, ProjectId Project, SkuId Sku), Money> Sums(
        Rated rated) => rated.Charges.GroupBy(c => (c.Landlord, c.Cluster, c.Project, c.Sku))
            .ToDictionary(g => g.Key, g => Money.Sum(g.Select(c => c.Amount)));
}
