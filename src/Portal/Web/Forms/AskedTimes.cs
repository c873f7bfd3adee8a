using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Web;

/// <summary>
/// Months and days in addresses are of a time of which the exchange can say something, and none is made up: before 2000
/// nothing was billed, of what is long to come nothing is known, one that is sent empty is missing and not the first of
/// all, and a day that can be read in two ways is none.
/// </summary>
internal static class AskedTimes
{
    private const int MaxYearsAhead = 10;
    private const int MaxShown = 100;
    private static readonly BillingMonth First = new(2000, 1);
    private static readonly BillingMonth Last = new(2199, 12);
    private static readonly ConcurrentDictionary<Endpoint, Asked[]> Known = new();

    /// <summary>A value that a route reads, by its name in the address.</summary>
    private sealed record Asked(string Name, Type Declared)
    {
        public Type Type => Nullable.GetUnderlyingType(Declared) ?? Declared;

        public bool IsNeeded => Nullable.GetUnderlyingType(Declared) is null;
    }

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
    public static string? Wrong(BillingMonth month, Instant now) => month >= First && month <= LastAsked(now) ? null
        : $"'{month}' is not one of the months from {First} to {LastAsked(now)}.";

    /// <summary>What is wrong with a day; null where it is one that can be asked for.</summary>
    public static string? Wrong(LocalDate day, Instant now) => Wrong(day, LastAsked(now));

    /// <summary>The instant that is asked for; now, where none is.</summary>
    /// <exception cref="FormatException">It is none, or on a day that cannot be asked for.</exception>
    public static Instant At(string name, string? text, Instant now) => text is null ? now
        : Exchange.Text.Instant(text) is var at && Wrong(DayOf(at), now) is { } wrong
            ? throw new FormatException($"'{name}' cannot be '{text}'. {wrong}") : at;

    /// <summary>The same of a month that something begins with, however long that is to come.</summary>
    public static string? Wrong(BillingMonth month) => month >= First && month <= Last ? null
        : $"'{month}' is not one of the months from {First} to {Last}.";

    /// <summary>And of a day that something happens on or begins with.</summary>
    public static string? Wrong(LocalDate day) => Wrong(day, Last);

    private static string? Wrong(LocalDate day, BillingMonth lastMonth)
    {
        var (first, last) = (DayOf(First.Start), DayOf(lastMonth.End).PlusDays(-1));
        return day >= first && day <= last ? null
            : $"'{AsOf.Text(day)}' is not one of the days from {AsOf.Text(first)} to {AsOf.Text(last)}.";
    }

    private static BillingMonth LastAsked(Instant now) => BillingMonth.Of(now).Plus(MaxYearsAhead * 12);

    private static LocalDate DayOf(Instant at) => at.InUtc().Date;

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

        var now = http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();
        if (text.Length > 0 && Wrong(asked.Type, text, now) is { } wrong)
        {
            throw new FormatException(
                $"'{asked.Name}' cannot be '{(text.Length > MaxShown ? text[..MaxShown] : text)}'.{wrong}");
        }
    }

    /// <summary>The next sentence; null where nothing is wrong, or the framework says what is.</summary>
    private static string? Wrong(Type type, string text, Instant now)
    {
        if (type == typeof(BillingMonth))
        {
            return BillingMonth.TryParse(text, null, out var month) && Wrong(month, now) is { } odd ? $" {odd}" : null;
        }

        return LocalDatePattern.Iso.Parse(text) is not { Success: true, Value: var day } ? QueryValue.Like(type)
            : Wrong(day, now) is { } wrong ? $" {wrong}" : null;
    }

    private static Asked[] Of(Endpoint route) =>
    [
        .. (route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []).SelectMany(Names)
            .Where(asked => asked.Type == typeof(BillingMonth) || asked.Type == typeof(DateOnly)),
    ];

    private static IEnumerable<Asked> Names(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [new(parameter.Name!, parameter.ParameterType)]
            : parameter.ParameterType.GetProperties()
                .Select(member => (Name: member.GetCustomAttribute<FromQueryAttribute>()?.Name, member.PropertyType))
                .Where(member => member.Name is not null)
                .Select(member => new Asked(member.Name!, member.PropertyType));
}
