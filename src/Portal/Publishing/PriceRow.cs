using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>A price, as 'prices show' shows it.</summary>
internal sealed record PriceRow(
    string Sheet, string Service, string Sku, decimal Rate, string Model, string Unit, string Counts, decimal Minimum,
    IReadOnlyList<ClusterId> Clusters)
{
    public static IReadOnlyList<PriceRow> Of(IEnumerable<SheetInForce> sheets) =>
    [
        .. from sheet in sheets
           from sku in sheet.Sheet.Skus
           select new PriceRow(
               sheet.Published.Id, sheet.Sheet.Service, sku.Id.Value, sku.Rate, ModelOf(sku.Model), sku.Unit.Name,
                   CountsOf(sku),
               sku.Minimum, sheet.Sheet.Clusters),
    ];

    private static string ModelOf(PriceModel model) => model switch
    {
        Graduated graduated => $"graduated: {Of(graduated.Tiers)}",
        Volume volume => $"volume: {Of(volume.Tiers)}",
        Package package => $"packages of {Exchange.Text.Of(package.Size)}",
        Commitment => "commitments",
        Reservation => "reservations",
        TimeOfDay hours => string.Join(", ", hours.Hours.Select(h => $"{h.Name} {Exchange.Text.Of(h.Rate)}")) +
            $" ({hours.Zone.Id})",
        PassThrough passed => $"cost and {Exchange.Text.Of(passed.Markup * 100)} %",
        _ => "",
    };

    private static string Of(IEnumerable<Tier> tiers)
    {
        decimal? from = null;
        var words = new List<string>();
        foreach (var tier in tiers)
        {
            words.Add($"{Tier.Name(from, tier.UpTo)} {Exchange.Text.Of(tier.Rate)}");
            from = tier.UpTo;
        }

        return string.Join(", ", words);
    }

    private static string CountsOf(Sku sku) => sku.Counts switch
    {
        CountedBy.Bundle => string.Join(" + ", sku.Bundle.Select(p => $"{Exchange.Text.Of(p.Size)} {p.Dimension}")),
        CountedBy.Dimension or CountedBy.Meter => sku.Counted!,
        CountedBy.Resource => "resource",
    };
}
