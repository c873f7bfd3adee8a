using Exchange.Portal.Names;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /pi/elsewhere — what a month of a PI's projects would have cost at other landlords. It is worked out once a
/// month is asked for, since all of that month's usage is read.
/// </summary>
internal static class ElsewherePage
{
    public const string Path = "/pi/elsewhere";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var (pi, now) = (Viewer.Needed(http).Pi!.Value, clock.GetCurrentInstant());
        var months = (await MonthSpend.Months(view, ct)).Select(one => one.Month)
            .Append(BillingMonth.Of(now)).Distinct().OrderDescending().Take(13).ToList();
        await view.DisposeAsync(); // Comparing takes its time and waits for others who compare: no connection is held.
        var came = month is { } asked && months.Contains(asked)
            ? await ElsewhereFor.Run(
                exchange, asked, pi, null, await CatalogFor.Viewer(http, exchange, ct), ct)
            : null;
        return Layout.Page(http, "Other landlords", Html.Of($"""
            <p class="crumbs"><a href="/pi">Spending</a> <a href="/pi/savings">Savings</a></p>
            <p class="lead">What your projects used in a month, second by second, priced by the sheets of every
            landlord. Before credits and subsidies; nothing is moved.</p>
            <form class="find" method="get"><div><label for="elsewhere-month">Month</label>
            <select id="elsewhere-month" name="month">{Html.Join(months, one => Html.Of($"""
            <option value="{one}"{Html.Attribute("selected", one == month)}>{Show.Of(one)}</option>
            """))}</select></div><button>Compare</button></form>
            {Html.If(month is not null && came is null, () => Html.Of($"""
            <p class="empty">Nothing was used in {month}. Choose one of the months above.</p>
            """))}
            {(came is null ? Html.None : Compared(http, came))}
            """));
    }

    private static Html Compared(HttpContext http, ElsewhereAnswer came) => Html.Of($"""
        {Card.Row(Card.Of($"As used in {Show.Of(came.Month)}", Show.Of(came.Here), Html.Of(
            $"before funds, as of {Show.Of(came.AsOf)}")))}
        {new Listing<ElsewhereRow>("elsewhere", "The same usage elsewhere", came.Places,
        [
            Column<ElsewhereRow>.Words("Landlord", row => row.Landlord.Value),
            Column<ElsewhereRow>.Words("Cluster", row => row.Cluster.Value),
            Column<ElsewhereRow>.Amount("Would have cost", row => row.Cost),
            Column<ElsewhereRow>.Amount("Difference", row => row.Difference),
            Column<ElsewhereRow>.State("Serves", row => row.Missing.Count == 0 ? "all of it" : "a part", row =>
                row.Missing.Count == 0),
            Column<ElsewhereRow>.Words("Not sold there", row => string.Join(" ", row.Missing.Take(3))),
        ], "No landlord had prices in that month.").Of(http)}
        """);
}
