using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>A SKU beside the list price of one public cloud.</summary>
/// <param name="Public">What the same quantity costs there; null where nothing is like it.</param>
/// <param name="Share">The exchange's price as a part of the public one, to a thousandth.</param>
/// <param name="Verdict">'kept', 'missed' or 'not comparable', of the promise of at most a half.</param>
public sealed record ComparedSku(
    string Provider, string AsOf, string Sku, Quantity Quantity, Money Amount, string? Offer, Money? Public,
    decimal? Share, string Verdict, string Assumes);

/// <summary>All that can be compared with one public cloud, here and there.</summary>
/// <param name="Incomparable">What the SKUs come to here that nothing there is like.</param>
/// <param name="Share">Here as a part of there, to a thousandth; null where nothing can be compared.</param>
public sealed record ComparedTotal(
    string Provider, string AsOf, Money Here, Money There, decimal? Share, Money Incomparable);

/// <summary>What charges would have cost at the list prices of public clouds, with what is assumed.</summary>
public static class PublicComparison
{
    /// <summary>The most that a SKU may cost of the public price: a half, as was promised.</summary>
    private const decimal Promised = 0.5m;

    private const string Incomparable = "not comparable";

    /// <summary>No price is so high; a million of one that is would be no amount.</summary>
    private const decimal MaxCompared = 1_000_000m;

    /// <summary>One line for each provider and SKU; egress is compared with what it would have cost.</summary>
    /// <param name="day">Of each provider the newest list by this day counts, or else its oldest.</param>
    public static IReadOnlyList<ComparedSku> Of(
        IEnumerable<Charge> charges, ImmutableArray<PublicPrices> lists, LocalDate day) =>
    [
        .. from list in PublicPrices.By(lists, day)
           from sku in charges.GroupBy(charge => (charge.Sku, charge.Quantity.Unit))
               .OrderBy(sku => sku.Key.Sku.Value, StringComparer.Ordinal)
           select Of(
               list, sku.Key.Sku, new(sku.Sum(charge => charge.Quantity.Amount), sku.Key.Unit),
               Money.Sum(sku.Select(charge => charge.Amount)), sku.First().Avoided is not null),
    ];

    /// <summary>A million units of every SKU of these sheets, for the promise alone.</summary>
    public static IReadOnlyList<ComparedSku> Of(
        IEnumerable<PriceSheet> sheets, ImmutableArray<PublicPrices> lists, LocalDate day) =>
    [
        .. from list in PublicPrices.By(lists, day)
           from sheet in sheets
           from sku in sheet.Skus.OrderBy(sku => sku.Id.Value, StringComparer.Ordinal)
           let million = new Quantity(1_000_000, sku.Unit)
           select sku.Model is Flat && sku.Rate <= MaxCompared
               ? Of(
                   list, sku.Id, million, Money.Round(new Rate(sku.Rate, sku.Unit, sheet.Currency).Of(million)),
                   isEgress: false)
               : new(
                   list.Provider, Day(list), sku.Id.Value, new(0, sku.Unit), Money.Zero, null, null, null, Incomparable,
                   "what one costs depends on how much is used: compare a month"),
    ];

    /// <summary>A line for each provider: what can be compared, here and there.</summary>
    public static IReadOnlyList<ComparedTotal> Totals(IEnumerable<ComparedSku> compared) =>
    [
        .. from sku in compared
           group sku by (sku.Provider, sku.AsOf) into provider
           let alike = provider.Where(sku => sku.Public is not null).ToList()
           let here = Money.Sum(alike.Select(sku => sku.Amount))
           let there = Money.Sum(alike.Select(sku => sku.Public!.Value))
           select new ComparedTotal(
               provider.Key.Provider, provider.Key.AsOf, here, there, there.IsZero ? null : Share(here, there.Amount),
               Money.Sum(provider.Where(sku => sku.Public is null).Select(sku => sku.Amount))),
    ];

    private static string Day(PublicPrices list) => NodaTime.Text.LocalDatePattern.Iso.Format(list.AsOf);

    private static decimal Share(Money here, decimal there) =>
        there == 0 ? 0 : decimal.Round(here.Amount / there, 3, MidpointRounding.ToEven);

    private static ComparedSku Of(PublicPrices list, SkuId sku, Quantity quantity, Money amount, bool isEgress)
    {
        var compared = new ComparedSku(
            list.Provider, Day(list), sku.Value, quantity, amount, null, null, null, Incomparable,
            "the list has nothing like it");
        if (isEgress)
        {
            return compared with
            {
                Offer = "data transfer out",
                Public = Money.Round(list.Egress(quantity.Amount)),
                Share = 0,
                Verdict = "kept",
                Assumes = "counts are GiB, all of one account; free allowances are left out",
            };
        }

        var offer = list.Offers.FirstOrDefault(offer => offer.Skus.Contains(sku.Value));
        if (offer is null)
        {
            return compared with { Assumes = list.NotComparable.GetValueOrDefault(sku.Value, compared.Assumes) };
        }

        var there = quantity.Amount * offer.Price / offer.Units;
        var share = Share(amount, there);
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
