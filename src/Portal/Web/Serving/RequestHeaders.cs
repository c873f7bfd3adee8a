using Exchange.Journal;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Web;

/// <summary>Says for every event that a request appends who sent it, by which route and in which request.</summary>
internal static class RequestHeaders
{
    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        using var said = EventHeaders.Use(new(
            Viewer.Of(http.User)?.Actor, $"{http.Request.Method} {route}", http.TraceIdentifier));
        await next(http);
    });
}
