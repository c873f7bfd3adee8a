using Exchange.Facts;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/month — a closed month: its invoices, and what each landlord gets.</summary>
internal static class MonthPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance/month", Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, CancellationToken ct)
    {
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (months.Closed.GetValueOrDefault(month) is not { } closed)
        {
            return Results.Redirect($"/finance/close?month={month}");
        }

        var connection = await view.Connection(ct);
        var invoices = InvoiceRows.List(
            await InvoiceList.Run(connection, new(month, Limit: 20_000), ct), isOwn: false,
            exchange.Clock.GetCurrentInstant().InUtc().Date);
        if (invoices.IsAskedFor(http))
        {
            return invoices.Csv(http);
        }

        var settlements = await SettlementList.Run(connection, new(month), ct);
        var isForGood = await IsForGood(exchange, months, month, ct);
        return Layout.Page(http, $"{Show.Of(month)}, closed", Html.Of($"""
            <p class="crumbs"><a href="/finance">Billing periods</a></p>
            <dl class="facts"><dt>Closed</dt><dd>{Show.Of(closed.At)} by {closed.By}</dd>
            <dt>Rounding policies</dt><dd>{closed.Policies}</dd>
            <dt>Lines come to</dt><dd>{Show.Of(closed.Total)}, adjustments of earlier months among them</dd>
            <dt>Accepted</dt><dd>{(closed.Accepted.IsEmpty ? "every check passed"
                : string.Join(", ", closed.Accepted))}</dd>
            <dt>Corrections</dt><dd>{(isForGood
                ? "closed for good: what comes is billed when you decide so at a close"
                : "what comes is an adjustment of the next close")}</dd></dl>
            <h2>Invoices</h2>
            {invoices.Of(http)}
            <h2>Settlements</h2>
            {SettlementTable(http, settlements)}
            """));
    }

    private static async Task<bool> IsForGood(
        Composition exchange, ClosedMonths months, BillingMonth month, CancellationToken ct) =>
        month < Horizon.First(
            months, BillingProfiles.Of(await exchange.Kept.State(DatedFacts.Fold, DatedFacts.Id, ct)),
            exchange.Clock.GetCurrentInstant());

    public static Html SettlementTable(HttpContext http, IReadOnlyList<SettlementRow> settlements) =>
        new Listing<SettlementRow>("settlements", "What the exchange owes each landlord", settlements,
        [
            Column<SettlementRow>.Words("Landlord", s => s.Landlord.Value),
            Column<SettlementRow>.Month("Month", s => s.Month),
            Column<SettlementRow>.Number("Line items", s => (decimal)s.Lines),
            Column<SettlementRow>.Amount("Gross", s => s.Gross),
            Column<SettlementRow>.Amount("Exchange's share", s => s.Share),
            Column<SettlementRow>.Amount("Hardware", s => s.Hardware),
            Column<SettlementRow>.Amount("Transfers", s => s.Transfers),
            Column<SettlementRow>.Amount("Payable", s => s.Payable),
        ],
        "Nothing was sold in this month.")
        {
            Foot = Table.Foot("Total", 3, [.. ((Func<SettlementRow, Money>[])
                [s => s.Gross, s => s.Share, s => s.Hardware, s => s.Transfers, s => s.Payable])
                .Select(of => Html.Of($"{Show.Of(Money.Sum(settlements.Select(of)))}"))]),
        }.Of(http);
}
