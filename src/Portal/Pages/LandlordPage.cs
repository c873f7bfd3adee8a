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
        .RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var rated = await MonthSpend.Months(view, ct);
        var now = clock.GetCurrentInstant();
        var shown = Months.Pick(month, rated, BillingMonth.Of(now));
        var isOpen = rated.Any(r => r.Month == shown && !r.IsClosed) && shown.Period.Contains(now);
        var sold = await MonthSpend.Sold(view, shown, landlord, ct);
        var days = await MonthSpend.DaysSold(view, shown, landlord, ct);
        var settled = await SettlementList.Run(await view.Connection(ct), new(Landlord: landlord), ct);
        var together = Money.Sum(sold.Select(s => s.Amount));
        var services = sold.GroupBy(s => s.Service).Select(g => (Name: g.Key, Sold: Money.Sum(g.Select(s => s.Amount))))
            .OrderByDescending(s => s.Sold).ToList();
        var spared = Money.Sum(sold.Select(s => s.Avoided));
        return Layout.Page(http, $"Revenue in {Show.Of(shown)}", Html.Of($"""
            {Months.Links("/landlord", shown, rated)}
            {Card.Row(
                Card.Of("Revenue", Show.Of(together), Html.Of($"{Show.Of(sold.Sum(s => s.Charges))} lines")),
                Card.Of("Services", Show.Of(sold.Select(s => s.Service).Distinct().LongCount())),
                Card.Of("Egress not charged", Show.Of(spared), Html.Of($"what public list prices would take")))}
            <h2>By day</h2>
            {SpendChart.Of(shown, days, "Revenue", isOpen ? now.InUtc().Date : null)}
            <h2>By service</h2>
            {Chart.Bars("Revenue by service", services, Column<(string Name, Money Sold)>.Words("Service", s => s.Name),
                Column<(string Name, Money Sold)>.Amount("Revenue", s => s.Sold), s => s.Sold.Cents,
                "Nothing was sold yet.")}
            <h2>By SKU</h2>
            {new Listing<MonthSpend.OfSku>("sold", "What was sold", sold, [
                Column<MonthSpend.OfSku>.Words("Service", s => s.Service),
                Column<MonthSpend.OfSku>.Words("SKU", s => s.Sku.Value),
                Column<MonthSpend.OfSku>.Number("Projects", s => (decimal)s.Projects),
                Column<MonthSpend.OfSku>.Usage("Quantity", s => s.Quantity),
                Column<MonthSpend.OfSku>.Amount("Amount", s => s.Amount),
            ], "Nothing was sold in this month yet.")
                { Foot = Table.Foot("Total", 4, Html.Of($"{Show.Of(together)}")) }.Of(http)}
            <h2>Settlements</h2>
            {Earned([.. settled.OrderBy(s => s.Month).TakeLast(12)])}
            <p><a class="button" href="/costs/changes?from={shown}&amp;to={shown.Next}">Explain the change since
            {Show.Of(shown.Previous)}</a></p>
            {MonthPage.SettlementTable(http, [.. settled.OrderByDescending(s => s.Month)])}
            """));
    }

    /// <summary>What was sold in closed months, and who got it.</summary>
    private static Html Earned(IReadOnlyList<SettlementRow> settled) => Html.If(settled.Count > 0, () => Chart.Of(new(
        "earned", "Revenue by month", "Month", [.. settled.Select(s => Show.Of(s.Month))],
        [
            Series.Of("you earned", settled.Select(s => s.Payable)),
            Series.Of("exchange's share", settled.Select(s => s.Share)),
            Series.Of("owners of hardware", settled.Select(s => s.Hardware)),
        ])));
}
