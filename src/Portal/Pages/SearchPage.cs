using Exchange.Portal.Searching;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /search — what the field in the head of every page finds; one thing of that name is opened.</summary>
public sealed partial class SearchPage
{
    /// <summary>What the search came to.</summary>
    /// <param name="Text">What was searched for; without hits, what can be.</param>
    public sealed record Found(string Text, IListing? Hits = null)
    {
        /// <summary>How many of each kind are shown where there are more; null where all are.</summary>
        public int? More { get; init; }

        /// <summary>Why this cannot be searched for; null where it can.</summary>
        public string? Wrong { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/search", Get)
        .RequireAuthorization(Permissions.BeSignedIn).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string? q, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (string.IsNullOrWhiteSpace(q))
        {
            return Page.Of<SearchPage, Found>(http, "Search", new(What(viewer)));
        }

        try
        {
            var answer = await new Search(exchange, view, viewer, exchange.Clock.GetCurrentInstant()).Run(
                SearchText.Read(q), ct);
            return answer.Only() is { } only && !http.Request.Query.ContainsKey("all")
                ? Results.Redirect(only.Page)
                : Draw(http, viewer, answer);
        }
        catch (RefusedException e) when (e.Refusal.Code == "search/text")
        {
            return Page.Of<SearchPage, Found>(
                http, "Search", new("") { Wrong = e.Refusal.Message }, status: StatusCodes.Status400BadRequest);
        }
    }

    private static IResult Draw(HttpContext http, Viewer viewer, SearchAnswer answer)
    {
        var hits = new Listing<SearchHit>("found", "Found", answer.Items,
        [
            Column<SearchHit>.Words("Kind", hit => hit.Kind),
            Column<SearchHit>.Link("Name", hit => hit.Name, hit => hit.Page),
            Column<SearchHit>.Words("About", hit => hit.About),
        ], $"Nothing that you may see is called “{answer.Text}”. {What(viewer)}");
        return hits.Answer(http) ?? Page.Of<SearchPage, Found>(http, "Search", new(answer.Text, hits)
        {
            More = answer.IsCut ? Search.MaxOfAKind : null,
        });
    }

    private static string What(Viewer viewer) => viewer.Role switch
    {
        Role.Operator => "Search finds data sources by a part of their name.",
        Role.Subsidy => "Search finds PIs that you pay for by a part of their address, and SKUs.",
        Role.Landlord => "Search finds projects, customers and SKUs by a part of their name, and a resource by its " +
            "whole name, as nerc/stack/vm/vm-1.",
        Role.Finance => "Search finds invoices by number or its end, as PI-2026-0080 or 80; projects, PIs, SKUs and " +
            "the most expensive resources by a part of their name; any resource by its whole name, nerc/stack/vm/vm-1.",
        _ => "Search finds your invoices by number or its end, as PI-2026-0080 or 80; your projects, resources " +
            "and SKUs by a part of their name.",
    };
}
