using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;

namespace Exchange.Portal.Web;

/// <summary>
/// In which form a program is answered. Version 1 writes amounts, quantities and rates as text, '12.34 USD'; version 2,
/// asked for by 'Accept: application/json;v=2', as an amount with its currency or unit beside it. Everything else is
/// the same, and so is what is sent.
/// </summary>
internal static class ApiVersion
{
    public const string SecondType = "application/json;v=2";
    private const string Name = "v";

    /// <summary>How version 2 writes.</summary>
    public static JsonSerializerOptions SecondJson { get; } = Second();

    public static JsonSerializerOptions Json(HttpContext http) => IsSecond(http) ? SecondJson : Text.Json;

    public static string Type(HttpContext http) =>
        IsSecond(http) ? $"{SecondType}; charset=utf-8" : "application/json; charset=utf-8";

    public static bool IsSecond(HttpContext http) => Asked(http).Contains("2");

    /// <summary>Refuses versions that there are not, rather than to answer in another.</summary>
    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.Vary = "Accept";
            if (Asked(http).FirstOrDefault(version => version is not ("1" or "2")) is { } unknown)
            {
                await Problem.Of(
                    new(
                        "request/no-such-version",
                        $"There is no version '{(unknown.Length > 20 ? unknown[..20] : unknown)}'. Send " +
                        "'Accept: application/json;v=1' or ';v=2'."),
                    StatusCodes.Status406NotAcceptable).ExecuteAsync(http);
                return;
            }
        }

        await next(http);
    });

    private static IReadOnlyList<string> Asked(HttpContext http) =>
        MediaTypeHeaderValue.TryParseList([.. http.Request.Headers.Accept.OfType<string>()], out var types)
            ? [.. types.Where(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
                .SelectMany(type => type.Parameters)
                .Where(one => one.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
                .Select(one => one.GetUnescapedValue().ToString())]
            : [];

    private static JsonSerializerOptions Second()
    {
        var json = new JsonSerializerOptions(Text.Json);
        json.Converters.Insert(0, new Writer<Money>(money =>
            [("amount", money.Plain), ("currency", money.Currency.ToString())]));
        json.Converters.Insert(0, new Writer<Quantity>(quantity =>
            [("amount", Text.Of(quantity.Amount)), ("unit", quantity.Unit.Name)]));
        json.Converters.Insert(0, new Writer<Rate>(rate =>
            [("amount", Text.Of(rate.Amount)), ("currency", rate.Currency.ToString()), ("unit", rate.Per.Name)]));
        return json;
    }

    /// <summary>Writes a value as an object of texts; nothing is read in version 2.</summary>
    private sealed class Writer<T>(Func<T, (string Name, string Text)[]> members) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"{typeof(T).Name} is sent as text in every version.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, text) in members(value))
            {
                writer.WriteString(name, text);
            }

            writer.WriteEndObject();
        }
    }
}
