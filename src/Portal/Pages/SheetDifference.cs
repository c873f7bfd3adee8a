using Exchange.Portal.Web;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// What differs between two versions of a landlord's price sheets: price by price, then line by line.
/// </summary>
internal static class SheetDifference
{
    /// <summary>A SKU in both; a price that is not there is null.</summary>
    private sealed record Price(SkuId Sku, string Each, decimal? Old, decimal? New)
    {
        public string Change => (Old, New) switch
        {
            (null, _) => "new",
            (_, null) => "no longer sold",
            ({ } old, { } young) when old == young => "the same price, something else differs",
            ({ } old, { } young) when old == 0 => $"+${Exchange.Text.Of(young)}",
            ({ } old, { } young) => Percent((young - old) / old),
        };

        private static string Percent(decimal part) => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{(part > 0 ? "+" : "")}{part * 100:0.##} %");
    }

    /// <summary>The sheet that prices the service where this one begins to, or would without it.</summary>
    public static PublishedSheet? Before(PriceBooks books, PriceSheet sheet, string? except = null) =>
        books.Books.GetValueOrDefault(sheet.BookName) is not { } book ? null
            : new PriceBook([.. book.All.Where(old => old.Id != except)]).InForce()
                .Where(old => old.Sheet.From <= sheet.From).MaxBy(old => old.Sheet.From)?.Published;

    /// <summary>From what holds now to a sheet that would be published.</summary>
    public static Html Of(PublishedSheet? old, PriceSheet young, string yaml) => old is null
        ? Html.Of($"""<p class="empty">It is the first sheet of {young.Service}: there is nothing to compare.</p>""")
        : Draw(old.Id, "the new sheet", old.Sheet, young, old.Yaml, yaml);

    /// <summary>From one published sheet to the one that would hold in its place.</summary>
    public static Html Of(PublishedSheet old, PublishedSheet? young) => young is null
        ? Html.None
        : Draw(old.Id, young.Id, old.Sheet, young.Sheet, old.Yaml, young.Yaml);

    private static Html Draw(
        string from, string to, PriceSheet old, PriceSheet young, string oldYaml, string newYaml)
    {
        var prices = Prices(old, young);
        return Html.Of($"""
            <h2>What differs</h2>
            {Table.Of($"Prices, from {from} to {to}", prices, [
                Column<Price>.Words("SKU", p => p.Sku.Value),
                Column<Price>.Words("Each", p => p.Each),
                Column<Price>.Number("Old", p => Of(p.Old)),
                Column<Price>.Number("New", p => Of(p.New)),
                Column<Price>.Words("Change", p => p.Change),
            ], "Every SKU keeps its price and what it counts.")}
            {LineDifference.Of($"The text, from {from} to {to}", oldYaml, newYaml)}
            """);
    }

    private static List<Price> Prices(PriceSheet old, PriceSheet young)
    {
        var before = old.Skus.ToDictionary(sku => sku.Id);
        var after = young.Skus.ToDictionary(sku => sku.Id);
        return
        [
            .. before.Keys.Union(after.Keys)
                .Select(id => (Id: id, Old: before.GetValueOrDefault(id), New: after.GetValueOrDefault(id)))
                .Where(pair => pair.Old is null || pair.New is null || pair.Old.Rate != pair.New.Rate ||
                    pair.Old.Unit != pair.New.Unit)
                .Select(pair => new Price(
                    pair.Id, (pair.New ?? pair.Old)!.Unit.Name, pair.Old?.Rate, pair.New?.Rate))
                .OrderBy(price => price.Sku.Value, StringComparer.Ordinal),
        ];
    }

    private static string Of(decimal? rate) => rate is { } price ? $"${Exchange.Text.Of(price)}" : "";
}
