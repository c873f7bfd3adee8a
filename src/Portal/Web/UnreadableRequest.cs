using System.Reflection;

namespace Exchange.Portal.Web;

/// <summary>
/// What of a request its route could not read. The framework answers some of these with a status and nothing else; here
/// is the sentence.
/// </summary>
internal static class UnreadableRequest
{
    /// <summary>Whether the answer is a status alone, which nobody can do anything with.</summary>
    public static bool IsAll(HttpContext http) =>
        http.Response is { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest, ContentType: null } &&
        http.Response.ContentLength is null or 0;

    public static Refusal Of(HttpContext http)
    {
        var parameters = http.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];
        foreach (var parameter in parameters)
        {
            if (Sent(http, parameter.Name!) is { } text && !Reads(parameter.ParameterType, text))
            {
                return new(
                    "request/malformed", $"'{parameter.Name}' cannot be '{(text.Length > 100 ? text[..100] : text)}'." +
                        QueryValue.Like(parameter.ParameterType));
            }
        }

        var missing = parameters.FirstOrDefault(p => p.ParameterType.IsValueType && !p.HasDefaultValue &&
            Nullable.GetUnderlyingType(p.ParameterType) is null && p.ParameterType != typeof(CancellationToken) &&
            Sent(http, p.Name!) is null);
        return new("request/malformed", missing is null
            ? "The request cannot be read."
            : $"'{missing.Name}' is missing.");
    }

    private static string? Sent(HttpContext http, string name) =>
        http.Request.RouteValues.TryGetValue(name, out var inPath) ? inPath?.ToString()
        : http.Request.Query.TryGetValue(name, out var inQuery) ? inQuery.ToString()
        : null;

    private static bool Reads(Type declared, string text)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string) || !type.IsValueType || type.GetMethod(
            "TryParse", BindingFlags.Public | BindingFlags.Static,
            [typeof(string), typeof(IFormatProvider), type.MakeByRefType()]) is not { } read)
        {
            return true;
        }

        return (bool)read.Invoke(null, [text, System.Globalization.CultureInfo.InvariantCulture, null])!;
    }
}
