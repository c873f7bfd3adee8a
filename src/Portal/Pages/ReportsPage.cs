using Exchange.Portal.Commands;
using Exchange.Portal.Exports;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/reports — the reports that there were at the end of any day: those of the months closed by then, as
/// files, and the balances of that day.
/// </summary>
public sealed partial class ReportsPage
{
    /// <summary>The months that were closed by the end of a day, with their files.</summary>
    public sealed record Kept(LocalDate Day, IListing Months);

    private static readonly (string Name, string What)[] Offered =
    [
        ("charges", "Charges, line by line"), ("focus", "FOCUS"), ("settlement", "Settlements"),
        ("journal", "Journal for accounting"), ("invoices", "Invoices as PDF"),
    ];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/finance/reports", Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapGet("/finance/reports/{report}.zip", Zip).RequireAuthorization(Permissions.SeeFinance)
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, DateOnly? asOf, CancellationToken ct)
    {
        var day = AsOf.Day(asOf, clock.GetCurrentInstant());
        var end = AsOf.End(day);
        var closed = (await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct)).Closed.Values
            .Where(month => month.At < end).OrderByDescending(month => month.Month).ToList();
        var listing = List(closed);
        return listing.Answer(http) ?? Page.Of<ReportsPage, Kept>(http, "Reports", new(day, listing));
    }

    private static Listing<Invoicing.Kept.MonthEvent.Closed> List(
        IReadOnlyList<Invoicing.Kept.MonthEvent.Closed> closed) => new(
            "reports", "Closed months", closed,
            [
                Column<Invoicing.Kept.MonthEvent.Closed>.Month(
                    "Month", m => m.Month, m => $"/finance/month?month={m.Month}"),
                Column<Invoicing.Kept.MonthEvent.Closed>.Time("Closed", m => m.At),
                Column<Invoicing.Kept.MonthEvent.Closed>.Words("By", m => m.By),
                Column<Invoicing.Kept.MonthEvent.Closed>.Amount("Billed", m => m.Total),
                new("Files", m => Cell.Lines(Offered.Select(report => Cell.Link(
                    $"/finance/reports/{report.Name}.zip?month={m.Month}", report.What,
                    $"{report.What} of {Show.Of(m.Month)}")))),
            ], "No month was closed by the end of that day.");

    private static async Task<IResult> Zip(
        HttpContext http, Composition exchange, string report, BillingMonth month, CancellationToken ct)
    {
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (Offered.All(one => one.Name != report) || months.Closed.GetValueOrDefault(month) is not { } closed)
        {
            return new NotThere();
        }

        var directory = Directory.CreateTempSubdirectory("exchange-report-");
        try
        {
            _ = await exchange.Commands.Execute(
                new NotedAct<Written>(
                    "export", $"{report} {month}", Permissions.SeeFinance,
                    ct => Report.All.Single(one => one.Name == report).Write(
                        new(exchange, month, directory.FullName, null, null, closed.Policies), ct)),
                Actors.Of(http), ct);
            return await Zipped.Of(directory, $"{report}-{month}", ct);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
