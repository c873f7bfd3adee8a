using System.Text;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What nobody means well by typing, and how an answer to it has to be.</summary>
internal static class Hostile
{
    public const string Script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

    /// <summary>Each by the name of what it tries; as it goes over the wire, percent-encoded.</summary>
    public static IReadOnlyList<(string What, string Encoded)> Values { get; } =
    [
        ("nothing", ""), ("blanks", "%20%09%20"), ("100,000 characters", new string('x', 100_000)),
        ("script", Uri.EscapeDataString(Script)), ("end of a text area", Uri.EscapeDataString("</textarea>" + Script)),
        ("SQL", Uri.EscapeDataString("'; drop table exchange.charge; --")), ("a like pattern", "%25_%25%5C"),
        ("path", Uri.EscapeDataString("../../../../etc/passwd")), ("header", "x%0D%0ASet-Cookie:%20evil=1"),
        ("right to left", Uri.EscapeDataString("\u202Etxt.exe\u202C")), ("NUL", "a%00b"),
            ("half a surrogate", "%ED%A0%80"),
        ("no UTF-8", "%FF%FE%C0%80"), ("zero width", Uri.EscapeDataString("a\u200Bb\uFEFF")),
        ("decomposed", Uri.EscapeDataString("e\u0301")), ("an emoji", Uri.EscapeDataString("👩‍🔬")), ("negative", "-1"),
        ("400 digits", new string('9', 400)), ("400 digits with a point", $"0.{new string('1', 400)}"),
            ("not a number", "NaN"),
        ("exponent", "1e400"), ("year 0", "0000-01"), ("year 9999", "9999-12"), ("year 10000", "10000-01"),
        ("month 13", "2026-13"), ("a leap second", Uri.EscapeDataString("2026-12-31T23:59:60Z")),
        ("list", "%5B%5D"), ("object", "%7B%7D"), ("template", "%7B%7B7*7%7D%7D%24%7B7*7%7D"),
    ];

    /// <summary>Said no to, or taken as the text that it is; never a fault, never a script, never a header.</summary>
    public static async Task<string> Check(HttpResponseMessage answer, string what)
    {
        var body = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True((int)answer.StatusCode < 500, $"{what} answers {answer.StatusCode}: {Start(body)}");
        Assert.False(IsPage(answer) && body.Contains("<img src=x", StringComparison.Ordinal), $"{what} is markup.");
        Assert.False(IsPage(answer) && body.Contains("<script>", StringComparison.Ordinal), $"{what} is a script.");
        Assert.True(
            answer.Headers.TryGetValues("X-Content-Type-Options", out var sniff) && sniff.Single() == "nosniff",
            $"{what} answers {answer.StatusCode} without the headers of an answer.");
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out var cookies) &&
            cookies.Any(c => c.Contains("evil", StringComparison.Ordinal)), $"{what} sets a cookie.");
        Assert.False(body.Contains("   at Exchange.", StringComparison.Ordinal), $"{what} shows where it failed.");
        return body;
    }

    private static bool IsPage(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentType?.MediaType is not (null or "application/json" or "application/problem+json"
            or "text/plain" or "text/csv" or "application/yaml");

    public static string Start(string body) => body.Length <= 400 ? body : body[..400];

    public static ByteArrayContent Form(IEnumerable<(string Name, string Encoded)> fields) => new(
        Encoding.ASCII.GetBytes(
            string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Name)}={f.Encoded}"))))
    {
        Headers = { { "Content-Type", "application/x-www-form-urlencoded" } },
    };
}
