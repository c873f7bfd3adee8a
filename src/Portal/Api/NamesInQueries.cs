using System.Reflection;
using Exchange.Portal.Names;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Mvc;

namespace Exchange.Portal.Api;

/// <summary>
/// A landlord, project, cluster or PI in the query of a route must be one that whoever asks may know of: the values of
/// the handler's own types are looked up before it runs.
/// </summary>
internal static class NamesInQueries
{
    /// <summary>A value of the handler, or a member of the record that it reads many values as.</summary>
    private sealed record Named(int Place, PropertyInfo? Member, string Name, NameKind Kind)
    {
        public object? Of(EndpointFilterInvocationContext invocation) =>
            Member is null ? invocation.Arguments[Place] : Member.GetValue(invocation.Arguments[Place]);
    }

    public static TBuilder ChecksNames<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.AddEndpointFilterFactory(Filter);

    private static EndpointFilterDelegate Filter(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        List<Named> named = [.. context.MethodInfo.GetParameters().Index().SelectMany(of => In(of.Index, of.Item))];
        return named.Count == 0 ? next : async invocation =>
        {
            var http = invocation.HttpContext;
            View? view = null;
            try
            {
                foreach (var one in named.Where(one => IsLookedUp(http, one)))
                {
                    if (one.Of(invocation) is { } value)
                    {
                        view ??= View.Of(http);
                        var exchange = http.RequestServices.GetRequiredService<Composition>();
                        await new KnownNames(exchange, Viewer.Needed(http), view).Check(
                            one.Kind, value.ToString()!, one.Name, http.RequestAborted);
                    }
                }
            }
            finally
            {
                if (view is not null)
                {
                    await view.DisposeAsync();
                }
            }

            return await next(invocation);
        };
    }

    private static IEnumerable<Named> In(int place, ParameterInfo parameter)
    {
        if (NameKinds.Of(parameter.ParameterType) is { } kind)
        {
            yield return new(place, null, parameter.Name!, kind);
        }

        var isRecord = parameter.GetCustomAttribute<AsParametersAttribute>() is not null;
        foreach (var member in isRecord ? parameter.ParameterType.GetProperties() : [])
        {
            if (NameKinds.Of(member.PropertyType) is { } of)
            {
                yield return new(place, member, member.GetCustomAttribute<FromQueryAttribute>()!.Name!, of);
            }
        }
    }

    /// <summary>
    /// What a path names is looked for by its route; only of landlords everybody may know. A landlord that asks for a
    /// person is answered by the route, alike for customers and others: who is one may be hidden from it.
    /// </summary>
    private static bool IsLookedUp(HttpContext http, Named one) =>
        (http.Request.Query.ContainsKey(one.Name) &&
            !(one.Kind == NameKind.Pi && Viewer.Needed(http).Landlord is not null)) ||
        (one.Kind == NameKind.Landlord && http.Request.RouteValues.ContainsKey(one.Name));
}
