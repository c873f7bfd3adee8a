using Exchange.Portal.Api;
using Exchange.Portal.Costs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /costs — the explorer: any days, grouped and narrowed as asked, beside another period.</summary>
public sealed partial class CostsPage
{
    /// <summary>What was asked of costs, and the answer: figures, chart, rows, and where else it leads.</summary>
    public sealed record Explorer(CostFields.Question Question, Figures Figures, IListing Costs)
    {
        /// <summary>What it is asked of, as 'Nov 2026'.</summary>
        public required string Period { get; init; }

        public required IReadOnlyList<Range> Periods { get; init; }

        /// <summary>Null where nothing was used.</summary>
        public Plot? Chart { get; init; }

        public required string Csv { get; init; }

        public required string Json { get; init; }

        public required string Parquet { get; init; }

        public required string Changes { get; init; }
    }

    /// <summary>A range that people ask for often, and the same question for it.</summary>
    public sealed record Range(string Words, string Href, bool IsShown);

    /// <summary>What the whole comes to; credits are null for a landlord and for whoever pays for others.</summary>
    /// <param name="Open">The months in it that are not closed.</param>
    /// <param name="AsOf">When those were last rated; null where all are closed.</param>
    public sealed record Figures(
        string Label, Money Cost, IReadOnlyList<BillingMonth> Open, Instant? AsOf, Change? Change)
    {
        /// <summary>gross, or what else the figure is of.</summary>
        public required string Basis { get; init; }

        public Money? Credits { get; init; }

        public Money? Net { get; init; }
    }

    /// <summary>By how much the net is not what it was in the period before.</summary>
    public sealed record Change(Money Amount, Money Before, string Period);

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
            return Page.Of<CostsRefused, CostsRefused.Refused>(
                http, "Costs", new(
                    e.Refusal.Message,
                    new CostForm(http, walls, asked, CostRange.Of(BillingMonth.Of(now))).Question()),
                status: StatusCodes.Status400BadRequest);
        }

        var form = new CostForm(http, walls, defaults, report.Query.Range);
        var costs = CostListing.Of(report, walls, form);
        return costs.Answer(http) ?? Page.Of<CostsPage, Explorer>(
            http, $"Costs, {report.Query.Range.Words}", new(form.Question(), Of(report, walls), costs)
            {
                Period = report.Query.Range.Words,
                Periods = form.Periods(now.InUtc().Date),
                Chart = await CostChart.Of(
                    view, exchange, walls, report, lines: http.Request.Query["chart"] == "lines", ct),
                Csv = form.Link("/costs.csv"),
                Json = form.Link("/costs.json"),
                Parquet = form.Link("/costs.parquet"),
                Changes = form.Link("/costs/changes"),
            });
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

    private static Figures Of(CostReport report, CostWalls walls)
    {
        var (total, showsCredits) = (report.Total, walls.Viewer.Landlord is null && !walls.IsPayer);
        return new(
            walls.IsPayer ? "Paid" : walls.Viewer.Landlord is null ? "Cost" : "Revenue", total.Cost,
            [.. report.Open], report.AsOf, report.Before is { } before
                ? new(total.Net - before.Net, before.Net, report.Query.Compare!.Words) : null)
        {
            Basis = walls.IsPayer ? "by your programs" : "gross",
            Credits = showsCredits ? total.Credits : null,
            Net = showsCredits ? total.Net : null,
        };
    }
}
