using Exchange.Portal.Searching;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /search — what the field in the head of every page finds; one thing of that name is opened.</summary>
internal static class SearchPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/search", Get)
        .RequireAuthorization(Permissions.BeSignedIn).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string? q, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (string.IsNullOrWhiteSpace(q))
        {
            return Layout.Page(http, "Search", Html.Of($"""<p class="lead">{What(viewer)}</p>"""));
        }

        try
        {
            var answer = await new Search(exchange, view, viewer, exchange.Clock.GetCurrentInstant()).Run(
                SearchText.Read(q), ct);
            return answer.Only() is { } only && !http.Request.Query.ContainsKey("all")
                ? Results.Redirect(only.Page)
                : Layout.Page(http, "Search", Draw(http, viewer, answer));
        }
        catch (RefusedException e) when (e.Refusal.Code == "search/text")
        {
            return Layout.Page(http, "Search", Html.Of($"""
                <div class="note-box bad" role="alert"><p>{e.Refusal.Message}</p></div>
                """), StatusCodes.Status400BadRequest);
        }
    }

    private static Html Draw(HttpContext http, Viewer viewer, SearchAnswer answer) => Html.Of($"""
        <p class="lead">What of yours is called “{answer.Text}”.</p>
        {new Listing<SearchHit>("found", "Found", answer.Items, [
            Column<SearchHit>.Words("Kind", hit => hit.Kind),
            Column<SearchHit>.Link("Name", hit => hit.Name, hit => hit.Page),
            Column<SearchHit>.Words("About", hit => hit.About),
        ], $"Nothing that you may see is called “{answer.Text}”. {What(viewer)}").Of(http)}
        {Html.If(answer.IsCut, () => Html.Of($"""
        <p>There is more: {Search.MaxOfAKind} of each kind are shown. A longer text finds the rest.</p>
        """))}
        """);

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
