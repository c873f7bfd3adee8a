using System.Collections.Immutable;
using Exchange.Portal.Web;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// What landlords offer for a plan: each line by its SKU, tier and sheet, and beside it public list prices.
/// </summary>
internal static class OffersBox
{
    public static Html Of(
        PricedForProject priced, Workload workload, ImmutableArray<PublicPrices> lists, LocalDate day) =>
        priced.Offers.Count == 0
            ? Html.Of($"""<p class="empty" role="status">No landlord sells any of this. Plan it otherwise.</p>""")
            : Html.Of($"""
                <h2>{Count(priced.Offers)}</h2>
                {Table.Of("Offers, whole ones and cheap ones first", [.. priced.Each()], Columns(priced), "")}
                {Html.Join(priced.Each(), of => One(of.Offer, of.AfterFunds, workload.EgressGib,
                    PublicComparison.Of(of.Offer.Charges, lists, day)))}
                """);

    private static List<Column<(Offer Offer, PlanAfterFunds? After)>> Columns(PricedForProject priced) =>
    [
        new("Landlord", of => Html.Of($"""<a href="#{Id(of.Offer)}">{of.Offer.Landlord}</a>""")),
        Column<(Offer Offer, PlanAfterFunds? After)>.Words("Cluster", of => of.Offer.Cluster.Value),
        new("Serves", of => Tag.Of(of.Offer.ServesAll ? "all of it" : "a part", of.Offer.ServesAll)),
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

    private static Html One(
        Offer offer, PlanAfterFunds? after, decimal egress, IReadOnlyList<ComparedSku> compared) => Html.Of($"""
        <h2 id="{Id(offer)}">{offer.Landlord}, {offer.Cluster}: {Show.Of(offer.Total)}</h2>
        {Html.Join(offer.Missing, why => Html.Of($"""
        <p class="note-box warn">Not in this offer: {why}</p>
        """))}
        {Table.Of($"Lines of {offer.Landlord}, {offer.Cluster}", offer.Charges, [
            Column<Charge>.Words("SKU", c => c.Sku.Value),
            Column<Charge>.Words("Tier", c => c.Step ?? ""),
            Column<Charge>.Number("Quantity", c => Show.Of(c.Quantity)),
            Column<Charge>.Number("Price of each", c => $"${Exchange.Text.Of(c.Rate.Amount)}"),
            Column<Charge>.Amount("Amount", c => c.Amount),
            Column<Charge>.Link("Sheet", c => c.Sheet, c => $"/sheet?id={Uri.EscapeDataString(c.Sheet)}"),
        ], "", Table.Foot("Total", 4, Html.Of($"{Show.Of(offer.Total)}"), Html.None))}
        {FundsBox.Of($"{offer.Landlord}, {offer.Cluster}", after)}
        {Html.If(egress > 0, () => Html.Of($"""
        <p>{Show.Of(egress)} GiB of egress: $0.00. {Html.If(offer.Avoided is not null, () =>
            Html.Of($"At public list prices they would cost {Show.Of(offer.Avoided!.Value)}."))}</p>
        """))}
        {Table.Of($"{offer.Landlord}, {offer.Cluster}, beside public clouds", compared, [
            Column<ComparedSku>.Words("Cloud", c => $"{c.Provider}, {c.AsOf}"),
            Column<ComparedSku>.Words("SKU", c => c.Sku),
            Column<ComparedSku>.Words("Like it there", c => c.Offer ?? "not comparable"),
            Column<ComparedSku>.Number("List price", c => c.Public is { } there ? Show.Of(there) : ""),
            Column<ComparedSku>.Number("Price here", c => Show.Of(c.Amount)),
            Column<ComparedSku>.Number("% of list", c => c.Share is { } share
                ? $"{Exchange.Text.Of(share * 100)} %" : ""),
            Column<ComparedSku>.Words("Assumed", c => c.Assumes),
        ], "No public list prices are published here.")}
        """);
}
