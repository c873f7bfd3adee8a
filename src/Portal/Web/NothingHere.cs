using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing.Template;

namespace Exchange.Portal.Web;

/// <summary>
/// The answer where no route is: there is nothing at the address, or there is and it wants another method.
/// </summary>
internal static class NothingHere
{
    private static readonly ConditionalWeakTable<EndpointDataSource, List<Place>> Known = [];

    private sealed record Place(TemplateMatcher Route, IReadOnlyList<string> Methods);

    public static Task Answer(HttpContext http) =>
        Answer(http, http.RequestServices.GetRequiredService<EndpointDataSource>()).ExecuteAsync(http);

    private static IResult Answer(HttpContext http, EndpointDataSource routes)
    {
        var methods = Known.GetValue(routes, Read).Where(one => one.Route.TryMatch(http.Request.Path, []))
            .SelectMany(one => one.Methods).Distinct().Order(StringComparer.Ordinal).ToList();
        if (methods.Count == 0 || methods.Contains(http.Request.Method))
        {
            return Problem.Of(
                new("request/no-such-page", "There is nothing at this address."), StatusCodes.Status404NotFound);
        }

        http.Response.Headers.Allow = string.Join(", ", methods);
        return Problem.Of(
            new("request/method", $"This address takes {string.Join(" and ", methods)}, not {http.Request.Method}."),
            StatusCodes.Status405MethodNotAllowed);
    }

    /// <summary>Every route as it is matched; to read them anew took twenty times what an answer takes.</summary>
    private static List<Place> Read(EndpointDataSource routes) =>
    [
        .. routes.Endpoints.OfType<RouteEndpoint>().Where(route => route.RoutePattern.RawText is not null)
            .Select(route => new Place(
                new(TemplateParser.Parse(route.RoutePattern.RawText!), []),
                route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])),
    ];
}
