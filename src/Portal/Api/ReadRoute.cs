using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>What all routes for programs that read have in common.</summary>
internal static class ReadRoute
{
    /// <param name="act">Who may: programs that read, or those of an institution too.</param>
    public static RouteHandlerBuilder Reads<TAnswer>(
        this RouteHandlerBuilder route, string name, string summary, string act = Permissions.ReadByKey) =>
        route.Reading(name, summary, act).Produces<TAnswer>().Produces(StatusCodes.Status304NotModified);

    /// <summary>A route that answers with a file of some type.</summary>
    public static RouteHandlerBuilder ReadsFile(
        this RouteHandlerBuilder route, string name, string summary, string type,
        string act = Permissions.ReadByKey) =>
        route.Reading(name, summary, act).Produces<string>(StatusCodes.Status200OK, type);

    /// <summary>What the description says of a route: under the first part of its path, and how it may fail.</summary>
    public static RouteHandlerBuilder Described(this RouteHandlerBuilder route, string name, string summary)
    {
        route.WithName(name).WithSummary(summary).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        ((IEndpointConventionBuilder)route).Add(endpoint => endpoint.Metadata.Add(
            new TagsAttribute(((RouteEndpointBuilder)endpoint).RoutePattern.RawText!.Split('/')[2])));
        return route.ChecksNames();
    }

    private static RouteHandlerBuilder Reading(
        this RouteHandlerBuilder route, string name, string summary, string act) =>
        route.RequireAuthorization(act).Described(name, summary);

    /// <summary>Whether the caller has a key of the exchange itself, which reads what spans landlords.</summary>
    public static bool IsForAll(HttpContext http) => Viewer.Needed(http) is { Landlord: null, Institution: null };
}
