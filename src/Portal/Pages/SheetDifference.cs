using Exchange.Portal.Web;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// What differs between two versions of a landlord's price sheets: price by price, then line by line.
/// </summary>
public sealed partial class SheetDifference
{
    /// <summary>What differs from one version to another: prices, and lines of the text.</summary>
    public sealed record Versions(
        string From, string To, ITable Prices, IReadOnlyList<LineDifference.DifferenceRow?> Lines);

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
    public static Versions Between(PublishedSheet old, PriceSheet young, string yaml) =>
        Between((old.Id, "the new sheet"), old, young, yaml);

    /// <summary>From one published sheet to the one that would hold in its place.</summary>
    public static Versions Between(PublishedSheet old, PublishedSheet young) =>
        Between((old.Id, young.Id), old, young.Sheet, young.Yaml);

    private static Versions Between(
        (string From, string To) names, PublishedSheet old, PriceSheet young, string yaml) => new(
            names.From, names.To,
            new TableOf<Price>($"Prices, from {names.From} to {names.To}", Prices(old.Sheet, young),
            [
                Column<Price>.Words("SKU", p => p.Sku.Value),
                Column<Price>.Words("Each", p => p.Each),
                Column<Price>.Rate("Old", p => p.Old),
                Column<Price>.Rate("New", p => p.New),
                Column<Price>.Words("Change", p => p.Change),
            ], "Every SKU keeps its price and what it counts."), LineDifference.Shown(old.Yaml, yaml));

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
}
