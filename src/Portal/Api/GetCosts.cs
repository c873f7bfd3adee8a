using Exchange.Portal.Costs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/costs?from=&amp;to=&amp;group_by= — the explorer of costs: days from one on, before another, grouped and
/// narrowed by whatever a charge has.
/// </summary>
internal static class GetCosts
{
    public static void Map(IEndpointRouteBuilder app) => app.MapRead<CostDocument>(
        "/v1/costs", "GetCosts",
        "Costs, credits and usage of a range of days, the last one excluded, grouped and narrowed as asked.", Get);

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        if (LandlordScope.Of(http, asked.Landlord is null ? null : LandlordId.Parse(asked.Landlord)) is null)
        {
            return new LandlordScope.Refused();
        }

        var walls = CostWalls.Of(exchange, Viewer.Needed(http));
        try
        {
            var report = await CostReport.Run(
                view, exchange, walls, asked.Query(walls, clock.GetCurrentInstant()), clock.GetCurrentInstant(), ct);
            return new Tagged(CostDocument.Of(report, walls, asked.Cursor, asked.Limit));
        }
        catch (RefusedException e) when (e.Refusal.Code.StartsWith("costs/", StringComparison.Ordinal))
        {
            return Problem.Of(e.Refusal, StatusCodes.Status400BadRequest); // Nothing is in the way but the question.
        }
    }
}
