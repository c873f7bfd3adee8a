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
public sealed partial class ElsewherePage
{
    public const string Path = "/pi/elsewhere";

    /// <summary>Which months can be compared, which one was, and what came of it.</summary>
    public sealed record Comparison(IReadOnlyList<BillingMonth> Months, BillingMonth? Month, Elsewhere? Came);

    /// <summary>What a month's usage cost here, as of an instant, and would have at others.</summary>
    public sealed record Elsewhere(
        BillingMonth Month, Money Here, Money? HereAfterFunds, Instant AsOf, IListing Places);

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
        var places = came is null ? null : List(came);
        return places?.Answer(http) ?? Page.Of<ElsewherePage, Comparison>(http, "Other landlords", new(
            months, month,
            came is null ? null : new(came.Month, came.Here, came.HereAfterFunds, came.AsOf, places!)));
    }

    private static Listing<ElsewhereRow> List(ElsewhereAnswer came) => new(
        "elsewhere", "The same usage elsewhere", came.Places,
        [
            Column<ElsewhereRow>.Words("Landlord", row => row.Landlord.Value),
            Column<ElsewhereRow>.Words("Cluster", row => row.Cluster.Value),
            Column<ElsewhereRow>.Amount("Would have cost", row => row.Cost),
            Column<ElsewhereRow>.Amount("Difference", row => row.Difference),
            .. came.HereAfterFunds is null ? [] : new[]
            {
                Column<ElsewhereRow>.Amount("After funds", row => row.CostAfterFunds!.Value),
            },
            Column<ElsewhereRow>.State("Serves", row => row.Missing.Count == 0 ? "all of it" : "a part", row =>
                row.Missing.Count == 0),
            Column<ElsewhereRow>.Words("Not sold there", row => string.Join(" ", row.Missing.Take(3))),
        ], "No landlord had prices in that month.");
}
