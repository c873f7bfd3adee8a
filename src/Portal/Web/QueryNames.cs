using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;

namespace Exchange.Portal.Web;

/// <summary>
/// Names in the query of a request for programs are those that its route knows; another one is refused, not ignored: a
/// misspelt filter would answer with what nobody asked for.
/// </summary>
internal static class QueryNames
{
    private static readonly ConcurrentDictionary<Endpoint, FrozenSet<string>> Known = new();

    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.Request.Query.Count > 0 && http.GetEndpoint() is RouteEndpoint route && IsForPrograms(route) &&
            http.Request.Query.Keys.FirstOrDefault(name => !Of(route).Contains(name)) is { } unknown)
        {
            var known = Of(route).Order(StringComparer.Ordinal).ToList();
            await Problem.Of(new(
                "request/unknown-name",
                $"'{(unknown.Length > 100 ? unknown[..100] : unknown)}' is not known of this address. " +
                (known.Count == 0 ? "It takes no names." : $"It knows {string.Join(", ", known)}.")),
                StatusCodes.Status400BadRequest).ExecuteAsync(http);
            return;
        }

        await next(http);
    });

    /// <summary>What a route reads from its query: the values its handler takes that are not in its path.</summary>
    public static FrozenSet<string> Of(RouteEndpoint route) => Known.GetOrAdd(route, _ =>
        (route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []).SelectMany(Names)
        .Where(name => route.RoutePattern.GetParameter(name) is null)
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>A value has its own name; many values that are read as one record have those of its members.</summary>
    private static IEnumerable<string> Names(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is not null
            ? parameter.ParameterType.GetProperties().Select(
                member => member.GetCustomAttribute<FromQueryAttribute>()?.Name).OfType<string>()
            : IsValue(parameter) ? [parameter.Name!] : [];

    private static bool IsForPrograms(RouteEndpoint route) =>
        route.RoutePattern.RawText?.StartsWith("/v1/", StringComparison.Ordinal) == true &&
        route.Metadata.GetMetadata<MethodInfo>() is not null;

    private static bool IsValue(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        type = type.IsArray ? type.GetElementType()! : type;
        return type == typeof(string) || (type.IsValueType && type != typeof(CancellationToken));
    }
}
