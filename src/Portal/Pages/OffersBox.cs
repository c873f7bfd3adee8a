using System.Collections.Immutable;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// What landlords offer for a plan: each line by its SKU, tier and sheet, and beside it public list prices.
/// </summary>
public sealed partial class OffersBox
{
    /// <summary>All offers in a table, then each.</summary>
    /// <param name="Count">In words, how many sell all of the plan.</param>
    public sealed record Offers(string Count, ITable All, IReadOnlyList<OneOffer> Each, decimal EgressGib);

    /// <summary>An offer line by line, who would pay it, and what public clouds ask.</summary>
    /// <param name="Avoided">What public clouds would ask for the egress.</param>
    public sealed record OneOffer(string Id, string Place, Money Total, Money? Avoided)
    {
        public required IReadOnlyList<string> Missing { get; init; }

        public required ITable Lines { get; init; }

        public required ITable? Funds { get; init; }

        public required ITable Compared { get; init; }
    }

    internal static Offers OffersOf(
        PricedForProject priced, Workload workload, ImmutableArray<PublicPrices> lists, LocalDate day) => new(
            Count(priced.Offers),
            new TableOf<(Offer Offer, PlanAfterFunds? After)>(
                "Offers, whole ones and cheap ones first", [.. priced.Each()], Columns(priced), ""),
            [
                .. priced.Each().Select(of => One(
                    of.Offer, of.AfterFunds, PublicComparison.Of(of.Offer.Charges, lists, day))),
            ], workload.EgressGib);

    private static List<Column<(Offer Offer, PlanAfterFunds? After)>> Columns(PricedForProject priced) =>
    [
        new("Landlord", of => Cell.Link($"#{Id(of.Offer)}", of.Offer.Landlord.Value)),
        Column<(Offer Offer, PlanAfterFunds? After)>.Words("Cluster", of => of.Offer.Cluster.Value),
        new("Serves", of => Cell.Tag(of.Offer.ServesAll ? "all of it" : "a part", of.Offer.ServesAll)),
        Column<(Offer Offer, PlanAfterFunds? After)>.Amount("Total", of => of.Offer.Total),
        .. priced.AfterFunds.Count == 0 || priced.AfterFunds.Contains(null) ? [] : new[]
        {
            Column<(Offer Offer, PlanAfterFunds? After)>.Amount("After funds", of => of.After!.Owed),
        },
    ];

    private static string Count(IReadOnlyList<Offer> offers)
    {
        var whole = offers.Count(offer => offer.ServesAll);
        return whole switch
        {
            0 => "Nobody sells all of it in one place",
            1 => "One place sells all of it",
            _ => $"{whole} places sell all of it",
        };
    }

    private static string Id(Offer offer) => Uri.EscapeDataString($"{offer.Landlord}-{offer.Cluster}");

    private static OneOffer One(Offer offer, PlanAfterFunds? after, IReadOnlyList<ComparedSku> compared)
    {
        var place = $"{offer.Landlord}, {offer.Cluster}";
        return new(Id(offer), place, offer.Total, offer.Avoided)
        {
            Missing = [.. offer.Missing],
            Lines = new TableOf<Charge>($"Lines of {place}", offer.Charges,
            [
                Column<Charge>.Words("SKU", c => c.Sku.Value),
                Column<Charge>.Words("Tier", c => c.Step ?? ""),
                Column<Charge>.Number("Quantity", c => Show.Of(c.Quantity)),
                Column<Charge>.Rate("Price of each", c => c.Rate.Amount),
                Column<Charge>.Amount("Amount", c => c.Amount),
                Column<Charge>.Link("Sheet", c => c.Sheet, c => $"/sheet?id={Uri.EscapeDataString(c.Sheet)}"),
            ], "")
            {
                Totals = Table.Foot("Total", 4, Show.Of(offer.Total), ""),
            },
            Funds = FundsBox.Of(place, after),
            Compared = Compared(place, compared),
        };
    }

    private static TableOf<ComparedSku> Compared(string place, IReadOnlyList<ComparedSku> compared) => new(
        $"{place}, beside public clouds", compared,
        [
            Column<ComparedSku>.Words("Cloud", c => $"{c.Provider}, {c.AsOf}"),
            Column<ComparedSku>.Words("SKU", c => c.Sku),
            Column<ComparedSku>.Words("Like it there", c => c.Offer ?? "not comparable"),
            Column<ComparedSku>.Number("List price", c => c.Public is { } there ? Show.Of(there) : ""),
            Column<ComparedSku>.Number("Price here", c => Show.Of(c.Amount)),
            Column<ComparedSku>.Number("% of list", c => c.Share is { } share
                ? $"{Exchange.Text.Of(share * 100)} %" : ""),
            Column<ComparedSku>.Words("Assumed", c => c.Assumes),
        ], "No public list prices are published here.");
}
