using Exchange.Portal.Api;
using Exchange.Portal.Costs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /costs — the explorer: any days, grouped and narrowed as asked, beside another period.</summary>
internal static class CostsPage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/costs", Get).RequireAuthorization(Permissions.SeeCosts).ExcludeFromDescription();
        app.MapGet("/costs.csv", (Delegate)Csv).RequireAuthorization(Permissions.SeeCosts).ExcludeFromDescription();
        app.MapGet("/costs.parquet", (Delegate)Parquet).RequireAuthorization(Permissions.SeeCosts)
            .ExcludeFromDescription();
        app.MapGet("/costs.json", (Delegate)Json).RequireAuthorization(Permissions.SeeCosts).ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        var (walls, now) = (CostWalls.Of(exchange, Viewer.Needed(http)), clock.GetCurrentInstant());
        var defaults = asked.GroupBy is { Length: > 0 } ? asked : asked with { GroupBy = [Usual(walls).Name()] };
        CostReport report;
        try
        {
            report = await CostReport.Run(view, exchange, walls, defaults.Query(walls, now), now, ct);
        }
        catch (RefusedException e)
        {
            return Layout.Page(http, "Costs", Html.Of($"""
                <div class="note-box bad" role="alert"><p>{e.Refusal.Message}</p></div>
                {new CostForm(http, walls, asked, CostRange.Of(BillingMonth.Of(now))).Draw()}
                """), StatusCodes.Status400BadRequest);
        }

        var form = new CostForm(http, walls, defaults, report.Query.Range);
        var chart = await CostChart.Of(
            view, exchange, walls, report, lines: http.Request.Query["chart"] == "lines", ct);
        return Layout.Page(http, "Costs", Html.Of($"""
            {form.Presets(now.InUtc().Date)}
            {form.Draw()}
            {Cards(report, walls)}
            {chart}
            {CostListing.Of(report, walls, form).Of(http)}
            <p><a class="button" href="{form.Link("/costs.csv")}">Download CSV</a>
            <a class="button" href="{form.Link("/costs.json")}">Download JSON</a>
            <a class="button" href="{form.Link("/costs.parquet")}">Download Parquet</a>
            <a class="button" href="{form.Link("/costs/changes")}">Explain the change</a></p>
            <p class="lead">The address of this page is the saved view: whoever opens it sees the same question answered
            within what is theirs to see. Programs ask the same of
            <code>/v1/costs</code>, and at the command line it is <code>exchange costs</code>.</p>
            """));
    }

    private static async Task<IResult> Csv(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        var (_, report) = await Report(http, view, exchange, clock, asked, ct);
        return Results.File(
            System.Text.Encoding.UTF8.GetBytes(CostTable.Csv(report)), "text/csv; charset=utf-8", "costs.csv");
    }

    private static async Task<IResult> Parquet(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        var (_, report) = await Report(http, view, exchange, clock, asked, ct);
        using var file = new MemoryStream();
        await CostTable.Parquet(report, file, ct);
        return Results.File(file.ToArray(), "application/vnd.apache.parquet", "costs.parquet");
    }

    private static async Task<IResult> Json(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        var (walls, report) = await Report(http, view, exchange, clock, asked, ct);
        return Results.File(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                CostDocument.Whole(report, walls), Exchange.Text.Json), "application/json", "costs.json");
    }

    private static async Task<(CostWalls Walls, CostReport Report)> Report(
        HttpContext http, View view, Composition exchange, IClock clock, CostParameters asked, CancellationToken ct)
    {
        var (walls, now) = (CostWalls.Of(exchange, Viewer.Needed(http)), clock.GetCurrentInstant());
        return (walls, await CostReport.Run(view, exchange, walls, asked.Query(walls, now), now, ct));
    }

    private static CostDimension Usual(CostWalls walls) => walls.Viewer.Role switch
    {
        Role.Pi => CostDimension.Project,
        Role.Landlord => CostDimension.Sku,
        Role.Subsidy => CostDimension.Fund,
        _ => CostDimension.Landlord,
    };

    private static Html Cards(CostReport report, CostWalls walls)
    {
        var total = report.Total;
        return Card.Row(
            Card.Of(walls.IsPayer ? "Paid for others" : walls.Viewer.Landlord is null ? "Cost" : "Revenue",
                Show.Of(total.Cost), AsOf(report)),
            Html.If(walls.Viewer.Landlord is null && !walls.IsPayer, () => Card.Of(
                "Credits & subsidies", Show.Of(total.Credits))),
            Html.If(walls.Viewer.Landlord is null && !walls.IsPayer, () => Card.Of("Net", Show.Of(total.Net))),
            Html.If(report.Before is not null, () => Card.Of(
                "Change", Show.Of(total.Net - report.Before!.Net),
                Html.Of($"from {Show.Of(report.Before!.Net)} net in {report.Query.Compare!.Words}"))));
    }

    private static Html AsOf(CostReport report) => report.AsOf is { } at
        ? Html.Of($"gross; {string.Join(", ", report.Open.Select(Show.Of))} as of {Show.Of(at)}")
        : Html.Of($"gross, as billed");
}
