using Exchange.Invoicing.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /landlord — what the landlord sold this month, by service, SKU and day.</summary>
internal static class LandlordPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/landlord", Get)
        .RequireAuthorization(Acts.SeeSales).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var rated = await MonthSpend.Months(view, ct);
        var shown = Months.Pick(month, rated, BillingMonth.Of(clock.GetCurrentInstant()));
        var sold = await MonthSpend.Sold(view, shown, landlord, ct);
        var days = await MonthSpend.DaysSold(view, shown, landlord, ct);
        var settled = await SettlementList.Run(await view.Connection(ct), new(Landlord: landlord), ct);
        var together = Money.Sum(sold.Select(s => s.Amount));
        var spared = Money.Sum(sold.Select(s => s.Avoided));
        return Layout.Page(http, $"Sold in {Show.Of(shown)}", Html.Of($"""
            {Months.Links("/landlord", shown, rated)}
            {Card.Row(
                Card.Of("Sold", Show.Of(together), Html.Of($"{Show.Of(sold.Sum(s => s.Charges))} lines")),
                Card.Of("Services", Show.Of(sold.Select(s => s.Service).Distinct().LongCount())),
                Card.Of("Egress not charged", Show.Of(spared), Html.Of($"what public list prices would take")))}
            <h2>By day</h2>
            {SpendChart.Of(shown, days)}
            <h2>By SKU</h2>
            {Table.Of("What was sold", sold, [
                Column<MonthSpend.OfSku>.Words("Service", s => s.Service),
                Column<MonthSpend.OfSku>.Words("SKU", s => s.Sku.Value),
                Column<MonthSpend.OfSku>.Number("Projects", s => (decimal)s.Projects),
                Column<MonthSpend.OfSku>.Number("Quantity", s => Show.Of(s.Quantity)),
                Column<MonthSpend.OfSku>.Amount("Amount", s => s.Amount),
            ], "Nothing was sold in this month yet.", Table.Foot("Together", 4, Html.Of($"{Show.Of(together)}")))}
            <h2>Settlements</h2>
            {MonthPage.SettlementTable([.. settled.OrderByDescending(s => s.Month)])}
            """));
    }
}
