using Exchange.Invoicing.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>GET /landlord — what the landlord sold this month, by service, SKU and day.</summary>
public sealed partial class LandlordPage
{
    /// <summary>What a landlord sold in a month, and got for it in months that are closed.</summary>
    public sealed record Revenue(BillingMonth Month, IReadOnlyList<BillingMonth> Months, Money Total)
    {
        public required long Lines { get; init; }

        /// <summary>As of when it holds.</summary>
        public required string AsOf { get; init; }

        public required long Services { get; init; }

        /// <summary>Against the month before; null while the month is open.</summary>
        public Delta? Delta { get; init; }

        /// <summary>What public list prices would take for data that left.</summary>
        public required Money Spared { get; init; }

        /// <summary>Null when nothing was used.</summary>
        public Plot? ByDay { get; init; }

        public required ITable ByService { get; init; }

        public required IListing BySku { get; init; }

        /// <summary>What is asked for now, and where each price is changed.</summary>
        public required ITable Prices { get; init; }

        /// <summary>Null before the first close.</summary>
        public Plot? Earned { get; init; }

        public required IListing Settlements { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/landlord", Get)
        .RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth? month, CancellationToken ct)
    {
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var rated = await MonthSpend.Months(view, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var shown = Months.Pick(month, rated, BillingMonth.Of(now));
        var (status, earlier) = (
            rated.FirstOrDefault(r => r.Month == shown), rated.FirstOrDefault(r => r.Month == shown.Previous));
        var isOpen = status is { IsClosed: false } && shown.Period.Contains(now);
        var sold = await MonthSpend.Sold(view, shown, landlord, ct);
        var days = await MonthSpend.DaysSold(view, shown, landlord, ct);
        var settled = await SettlementList.Run(await view.Connection(ct), new(Landlord: landlord), ct);
        var together = Money.Sum(sold.Select(s => s.Amount));
        var services = sold.GroupBy(s => s.Service).Select(g => (Name: g.Key, Sold: Money.Sum(g.Select(s => s.Amount))))
            .OrderByDescending(s => s.Sold).ToList();
        var skus = BySku(sold, together);
        var settlements = MonthPage.Settlements([.. settled.OrderByDescending(s => s.Month)]);
        return skus.Answer(http) ?? settlements.Answer(http) ?? Page.Of<LandlordPage, Revenue>(
            http, $"Revenue in {Show.Of(shown)}", new(shown, [.. rated.Select(r => r.Month)], together)
            {
                Lines = sold.Sum(s => s.Charges),
                AsOf = status switch
                {
                    null => "not rated yet",
                    { IsClosed: true } => "as billed",
                    _ => $"as of {Show.Of(status.At)}",
                },
                Delta = Delta.Of(
                    status is { IsWhole: true } ? together : null,
                    await MonthSpend.WholeSold(view, earlier, landlord, ct), Show.Of(shown.Previous)),
                Services = services.Count,
                Spared = Money.Sum(sold.Select(s => s.Avoided)),
                ByDay = SpendChart.Of(shown, days, "Revenue", isOpen ? now.InUtc().Date : null),
                ByService = Chart.Bars(
                    "Revenue by service", services, Column<(string Name, Money Sold)>.Words("Service", s => s.Name),
                    Column<(string Name, Money Sold)>.Amount("Revenue", s => s.Sold), s => s.Sold.Cents,
                    "Nothing was sold yet."),
                BySku = skus,
                Prices = Prices((await exchange.Prices.Get(ct)).Show(landlord, now)),
                Earned = Earned([.. settled.OrderBy(s => s.Month).TakeLast(12)]),
                Settlements = settlements,
            });
    }

    private static TableOf<SheetInForce> Prices(IReadOnlyList<SheetInForce> sheets) => new(
        "Price sheets in force", sheets,
        [
            Column<SheetInForce>.Words("Service", one => one.Sheet.Service),
            Column<SheetInForce>.Link("Sheet", one => one.Published.Id, one => SheetPage.Href(one.Published.Id)),
            Column<SheetInForce>.Number("SKUs", one => (decimal)one.Sheet.Skus.Length),
            Column<SheetInForce>.Time("From", one => one.Period.Start),
            new("Actions", one => Change(one.Published.Id)),
        ], "No sheet is in force.");

    private static Listing<MonthSpend.OfSku> BySku(IReadOnlyList<MonthSpend.OfSku> sold, Money together) => new(
        "sold", "What was sold", sold,
        [
            Column<MonthSpend.OfSku>.Words("Service", s => s.Service),
            Column<MonthSpend.OfSku>.Words("SKU", s => s.Sku.Value),
            Column<MonthSpend.OfSku>.Number("Projects", s => (decimal)s.Projects),
            Column<MonthSpend.OfSku>.Usage("Quantity", s => s.Quantity),
            Column<MonthSpend.OfSku>.Amount("Amount", s => s.Amount),
        ], "Nothing was sold in this month yet.")
    {
        Foot = Table.Foot("Total", 4, together),
    };

    /// <summary>What was sold in closed months, and who got it.</summary>
    private static Plot? Earned(IReadOnlyList<SettlementRow> settled) => settled.Count == 0 ? null : new(
        "earned", "Revenue by month", "Month", [.. settled.Select(s => Show.Of(s.Month))],
        [
            Series.Of("you earned", settled.Select(s => s.Payable)),
            Series.Of("exchange's share", settled.Select(s => s.Share)),
            Series.Of("owners of hardware", settled.Select(s => s.Hardware)),
        ]);
}
