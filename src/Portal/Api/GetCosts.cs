using Exchange.Portal.Costs;
using Exchange.Portal.Costs.Changes;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/costs?from=&amp;to=&amp;group_by= — the explorer of costs: days from one on, before another, grouped and
/// narrowed by whatever a charge has.
/// </summary>
internal static class GetCosts
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/costs", Get).Reads<CostDocument>(
            "GetCosts",
            "Costs, credits and usage of a range of days, the last one excluded, grouped and narrowed as asked.");
        app.MapGet("/v1/costs/changes", Changes).Reads<CostChangeDocument>(
            "GetCostChanges",
            "Why the net of a range of days is not what it was before: causes that add up to the difference.");
    }

    private static Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct) =>
        Answer(http, exchange, clock, asked, async (walls, query, now) => CostDocument.Of(
            await CostReport.Run(view, exchange, walls, query, now, ct), walls, asked.Cursor, asked.Limit));

    private static Task<IResult> Changes(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct) =>
        Answer(http, exchange, clock, asked, async (walls, query, now) => CostChangeDocument.Of(
            await new ReadChanges(view, exchange, walls, now).Run(query, ct)));

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, IClock clock, CostParameters asked,
        Func<CostWalls, CostQuery, Instant, Task<object>> answer)
    {
        if (LandlordScope.Of(http, asked.Landlord is null ? null : LandlordId.Parse(asked.Landlord)) is null)
        {
            return new LandlordScope.Refused();
        }

        var (walls, now) = (CostWalls.Of(exchange, Viewer.Needed(http)), clock.GetCurrentInstant());
        return new Tagged(await answer(walls, asked.Query(walls, now), now));
    }
}
