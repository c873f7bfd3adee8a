using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>What all routes for programs that read have in common.</summary>
internal static class ReadRoute
{
    public static RouteHandlerBuilder MapRead<TAnswer>(
        this IEndpointRouteBuilder app, string route, string name, string summary, Delegate handler) =>
        app.MapReading(route, name, summary, handler).Produces<TAnswer>().Produces(StatusCodes.Status304NotModified);

    /// <summary>A route that answers with a file of some type.</summary>
    public static RouteHandlerBuilder MapFile(
        this IEndpointRouteBuilder app, string route, string name, string summary, string type, Delegate handler) =>
        app.MapReading(route, name, summary, handler).Produces<string>(StatusCodes.Status200OK, type);

    private static RouteHandlerBuilder MapReading(
        this IEndpointRouteBuilder app, string route, string name, string summary, Delegate handler) =>
        app.MapGet(route, handler).RequireAuthorization(Permissions.ReadByKey).WithName(name).WithSummary(summary)
            .WithTags(route.Split('/')[2].Split('?')[0]).ProducesProblem(400).ProducesProblem(401)
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

    /// <summary>Whether the caller has a key of the exchange itself, which reads what spans landlords.</summary>
    public static bool IsForAll(HttpContext http) => Viewer.Needed(http).Landlord is null;
}
