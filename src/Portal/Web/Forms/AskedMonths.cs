using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>
/// Months in addresses are of a time of which the exchange can say something, and none is made up: before 2000 nothing
/// was billed, of months long to come nothing is known, and one that is sent empty is missing and not the first of all.
/// </summary>
internal static class AskedMonths
{
    private const int MaxYearsAhead = 10;
    private static readonly BillingMonth First = new(2000, 1);
    private static readonly BillingMonth Last = new(2199, 12);
    private static readonly ConcurrentDictionary<Endpoint, Asked[]> Known = new();

    /// <summary>A value that a route reads, by its name in the address.</summary>
    private sealed record Asked(string Name, Type Type, bool IsNeeded);

    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.GetEndpoint() is { } route)
        {
            foreach (var asked in Known.GetOrAdd(route, Of))
            {
                Check(http, asked);
            }
        }

        await next(http);
    });

    /// <summary>What is wrong with a month; null where it is one that can be asked for.</summary>
    public static string? Wrong(BillingMonth month, IClock clock)
    {
        var last = BillingMonth.Of(clock.GetCurrentInstant()).Plus(MaxYearsAhead * 12);
        return month >= First && month <= last ? null
            : $"'{month}' is not one of the months from {First} to {last}.";
    }

    /// <summary>The same of a month that something begins with, however long that is to come.</summary>
    public static string? Wrong(BillingMonth month) => month >= First && month <= Last ? null
        : $"'{month}' is not one of the months from {First} to {Last}.";

    private static void Check(HttpContext http, Asked asked)
    {
        if ((http.Request.RouteValues[asked.Name]?.ToString() ??
            (http.Request.Query.TryGetValue(asked.Name, out var sent) ? sent.ToString() : null)) is not { } text)
        {
            return;
        }

        if (asked.IsNeeded && text.Length == 0)
        {
            throw new FormatException($"'{asked.Name}' is missing.{QueryValue.Like(asked.Type)}");
        }

        if (BillingMonth.TryParse(text, null, out var month) &&
            Wrong(month, http.RequestServices.GetRequiredService<IClock>()) is { } wrong)
        {
            throw new FormatException($"'{asked.Name}' cannot be '{text}': {wrong}");
        }
    }

    private static Asked[] Of(Endpoint route) =>
    [
        .. (route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []).SelectMany(Names)
            .Where(asked => (Nullable.GetUnderlyingType(asked.Type) ?? asked.Type) == typeof(BillingMonth)),
    ];

    private static IEnumerable<Asked> Names(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [new(parameter.Name!, parameter.ParameterType, IsNeeded(parameter.ParameterType))]
            : parameter.ParameterType.GetProperties()
                .Select(member => (Name: member.GetCustomAttribute<FromQueryAttribute>()?.Name, member.PropertyType))
                .Where(member => member.Name is not null)
                .Select(member => new Asked(member.Name!, member.PropertyType, IsNeeded(member.PropertyType)));

    private static bool IsNeeded(Type type) => Nullable.GetUnderlyingType(type) is null;
}
