using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET / — takes everyone to the page made for what they came to do.</summary>
internal static class Start
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/", (HttpContext http) =>
        Results.Redirect(Places.Of(Viewer.Needed(http).Role) is [var first, ..] ? first.Path : "/sign-in"))
        .RequireAuthorization(Permissions.BeSignedIn).ExcludeFromDescription();
}
