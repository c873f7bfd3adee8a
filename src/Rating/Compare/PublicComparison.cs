using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>What a public cloud sells that is like a SKU here, and in what it is not.</summary>
/// <param name="Units">How many units of the SKU the price is for.</param>
public sealed record PublicOffer(
    ImmutableArray<string> Skus, string Name, decimal Price, decimal Units, string? Assumes);

/// <summary>A SKU beside the list price of one public cloud.</summary>
/// <param name="Public">What the same quantity costs there; null where nothing is like it.</param>
/// <param name="Share">The exchange's price as a part of the public one, to a thousandth.</param>
/// <param name="Verdict">'kept', 'missed' or 'not comparable', of the promise of at most a half.</param>
public sealed record ComparedSku(
    string Provider, string AsOf, string Sku, Quantity Quantity, Money Amount, string? Offer, Money? Public,
    decimal? Share, string Verdict, string Assumes);

/// <summary>What charges would have cost at the list prices of public clouds, with what is assumed.</summary>
public static class PublicComparison
{
    /// <summary>The most that a SKU may cost of the public price: a half, as was promised.</summary>
    private const decimal Promised = 0.5m;

    /// <summary>One line for each provider and SKU; egress is compared with what it would have cost.</summary>
    public static IReadOnlyList<ComparedSku> Of(IEnumerable<Charge> charges, ImmutableArray<PublicPrices> lists) =>
    [
        .. from list in Newest(lists)
           from sku in charges.GroupBy(charge => (charge.Sku, charge.Quantity.Unit))
               .OrderBy(sku => sku.Key.Sku.Value, StringComparer.Ordinal)
           select Of(list, sku.Key.Sku, [.. sku]),
    ];

    /// <summary>One unit of every SKU of these sheets, for the promise alone.</summary>
    public static IReadOnlyList<ComparedSku> Of(
        IEnumerable<SheetInForce> sheets, ImmutableArray<PublicPrices> lists) =>
        Of(
            from sheet in sheets
            from sku in sheet.Sheet.Skus
            where sku.Model is Flat && sku.Rate != 0
            let quantity = new Quantity(1_000_000, sku.Unit)
            let rate = new Rate(sku.Rate, sku.Unit, sheet.Sheet.Currency)
            select new Charge
            {
                Month = BillingMonth.Of(sheet.Period.Start),
                Period = sheet.Period,
                Landlord = sheet.Sheet.Landlord,
                Service = sheet.Sheet.Service,
                Cluster = sheet.Sheet.Clusters[0],
                Project = new("each"),
                Sku = sku.Id,
                Quantity = quantity,
                Rate = rate,
                Amount = Money.Round(rate.Of(quantity)),
                Sheet = sheet.Published.Id,
                Policies = Policies.Corrected,
            }, lists);

    private static IEnumerable<PublicPrices> Newest(ImmutableArray<PublicPrices> lists) => lists
        .GroupBy(list => list.Provider, StringComparer.Ordinal).OrderBy(of => of.Key, StringComparer.Ordinal)
        .Select(of => of.MaxBy(list => list.AsOf)!);

    private static ComparedSku Of(PublicPrices list, SkuId sku, List<Charge> charges)
    {
        var amount = Money.Sum(charges.Select(charge => charge.Amount));
        var unit = charges[0].Quantity.Unit;
        var quantity = charges.Sum(charge => charge.Quantity.Amount);
        var compared = new ComparedSku(
            list.Provider, NodaTime.Text.LocalDatePattern.Iso.Format(list.AsOf), sku.Value, new(quantity, unit),
            amount, null, null, null, "not comparable", "nothing that is sold there is like it");
        if (charges[0].Avoided is not null)
        {
            var egress = Money.Round(list.Egress(quantity));
            return compared with
            {
                Offer = "data transfer out",
                Public = egress,
                Share = 0,
                Verdict = "kept",
                Assumes = "counts are GiB; free allowances are left out",
            };
        }

        var offer = list.Offers.FirstOrDefault(offer => offer.Skus.Contains(sku.Value));
        if (offer is null)
        {
            return compared with { Assumes = list.NotComparable.GetValueOrDefault(sku.Value, compared.Assumes) };
        }

        var there = quantity * offer.Price / offer.Units;
        var share = there == 0 ? 0 : decimal.Round(amount.Amount / there, 3, MidpointRounding.ToEven);
        return compared with
        {
            Offer = offer.Name,
            Public = Money.Round(there),
            Share = share,
            Verdict = share <= Promised ? "kept" : "missed",
            Assumes = offer.Assumes ?? "",
        };
    }
}
