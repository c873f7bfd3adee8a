using Microsoft.AspNetCore.Routing.Template;

namespace Exchange.Portal.Web;

/// <summary>
/// The answer where no route is: there is nothing at the address, or there is and it wants another method.
/// </summary>
internal static class NothingHere
{
    public static Task Answer(HttpContext http) =>
        Answer(http, http.RequestServices.GetRequiredService<EndpointDataSource>()).ExecuteAsync(http);

    private static IResult Answer(HttpContext http, EndpointDataSource routes)
    {
        var methods = routes.Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText is { } text && Matches(text, http.Request.Path))
            .SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct().Order(StringComparer.Ordinal).ToList();
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

    private static bool Matches(string route, PathString path) =>
        new TemplateMatcher(TemplateParser.Parse(route), []).TryMatch(path, []);
}
