using Exchange.Portal.Savings;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>GET /v1/savings — what a PI could do without or have for less, with the dollars a month.</summary>
internal static class GetSavings
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/savings", List).Reads<PageOf<Saving>>(
        "GetSavings", "What a PI could save a month; dismissed proposals are marked.");

    private static async Task<IResult> List(
        HttpContext http, View view, Composition exchange, PiId pi, string? cursor, int? limit) =>
        ReadRoute.IsForAll(http)
            ? new Tagged(PageOf<Saving>.Cut(
                await new FindSavings(exchange, view, exchange.Clock.GetCurrentInstant()).Run(pi, http.RequestAborted),
                cursor, limit, one => one.Id))
            : new LandlordScope.Refused();
}
