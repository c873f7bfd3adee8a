using Exchange.Portal.Searching;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>GET /v1/search?q= — what the search of pages finds, within what is the key's to see.</summary>
internal static class GetSearch
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/search", Get).Reads<SearchAnswer>(
        "Search", "Invoices, projects, PIs, resources and SKUs by a part of their name; at most ten of each kind.");

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string q, CancellationToken ct)
    {
        try
        {
            var search = new Search(exchange, view, Viewer.Needed(http), exchange.Clock.GetCurrentInstant());
            return new Tagged(await search.Run(SearchText.Read(q), ct));
        }
        catch (RefusedException e) when (e.Refusal.Code == "search/text")
        {
            return Problem.Of(e.Refusal, StatusCodes.Status400BadRequest); // Nothing is in the way but the question.
        }
    }
}
