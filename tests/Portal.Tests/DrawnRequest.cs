using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Portal.Web;
using Microsoft.AspNetCore.Routing;

namespace Exchange.Portal.Tests;

/// <summary>A request as it goes over the wire, so that one that found something can be kept and sent again.</summary>
/// <param name="Who">A persona, a key by its scope, or 'stranger'.</param>
internal sealed record DrawnRequest(
    string Who, string Method, string Url, IReadOnlyDictionary<string, string> Headers, string? Type, byte[]? Body)
{
    public HttpRequestMessage Message()
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(Url, UriKind.Relative));
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", Type);
        }

        return request;
    }

    public override string ToString() => JsonSerializer.Serialize(this);

    public static DrawnRequest Parse(string line) => JsonSerializer.Deserialize<DrawnRequest>(line)!;
}

/// <summary>
/// Draws requests to every route of the route table: its own method or another, values that are there, that are not,
/// and that readers stumble over, in paths, queries, headers and bodies of every form.
/// </summary>
internal sealed class DrawnRequests(IReadOnlyList<RouteEndpoint> routes, IReadOnlyList<string> people, Random random)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"];

    /// <summary>What is there, and what a person or program would send.</summary>
    private static readonly string[] Right =
    [
        "2026-10", "2026-11", "p-ada", "p-ben", "stack", "nerc", "other", "PI-2026-0001", "PI-2026-0002", "IN-2026-0001",
        "ada@bu.edu", "ben@mit.edu", "1", "0", "25", "true", "vm-ada", "openstack", "OpenStack CPU", "Boston University",
        "bu-research-it", "2026-10-05T00:00:00Z", "2026-10-05", "charges", "focus", "journal", "settlement", "close", "rating",
        "12.34", "12.34 USD", "sku", "landlord", "amount", "-amount", "json", "csv", "previous", "corrected", "usage", "read",
    ];

    private static readonly string[] HeaderNames =
    [
        "Accept", "Accept-Language", "Accept-Encoding", "Idempotency-Key", "If-Match", "If-None-Match", "If-Modified-Since",
        "Range", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "Origin", "Referer",
        "ce-id", "ce-source", "ce-type", "ce-time", "ce-specversion", "Prefer", "traceparent", "User-Agent", "Sec-Fetch-Site",
    ];

    private static readonly string[] HeaderValues =
    [
        "*", "*/*", "application/json", "text/csv", "application/vnd.exchange.v2+json", "\"1\"", "W/\"1\"", "\"", "gzip, br",
        "bytes=0-1", "bytes=9-1", "127.0.0.1", "::1", "evil.example.org", "https://evil.example.org", "DELETE", "de, *;q=0",
        "1.0", "exchange.usage.interval.v1", "00-0-0-00", "k1", "k2", "a b", "{}", ";;;,,,", "q=1e400", "text/csv;q=2",
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv", "application/yaml",
        "application/x-ndjson", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain",
        "application/json; charset=utf-7", "application/octet-stream", "nonsense", "application/xml",
    ];

    /// <summary>In the place of a value of a body; not all of it is JSON.</summary>
    private static readonly string[] Odd =
    [
        "null", "true", "-0", "0", "-1", "1e-28", "1e28", "1e400", "0.00000000000000000000000000001", "79228162514264337593543950335",
        "9223372036854775808", "\"-0\"", "\"1e5\"", "\"0.0000000000000000000000000001\"", "\"92233720368547758.07 USD\"",
        "\"-92233720368547758.08 USD\"", "\"1.005 USD\"", "\"1 EUR\"", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"a\\u0000b\"",
        "\"\\u202Ea\"", "\"\\u200b\"", "\"0001-01\"", "\"9999-12\"", "\"9999-12-31T23:59:59.999999999Z\"", "\"-9998-01-01T00:00:00Z\"",
        "\"2026-02-30\"", "\"ada@bu.edu\"", "[]", "{}", "[null]", "[[[[[[[[[[]]]]]]]]]]", "{\"$type\":\"a/1\"}", "{\"a\":1,\"a\":2}",
        "\"https://[::ffff:127.0.0.1]/\"", "\"http://user:pass@example.org/\"", "\"file:///etc/passwd\"", "tru", "\"",
    ];

    private static readonly string[] Names =
    [
        "usage", "kind", "hours", "count", "shape", "vcpu", "meter", "quantity", "landlord", "at", "url", "events", "amount",
        "reference", "reason", "month", "confirm", "policies", "pi", "project", "cluster", "id", "name", "scope", "from",
        "until", "institution", "note", "version", "specversion", "source", "type", "subject", "time", "data", "sku", "limit",
        "after", "file", "text", "csv", "fund", "percent", "line", "number", "valid-days", "row", "ids",
    ];

    /// <summary>The token of a form of each person, without which no form does anything.</summary>
    public Dictionary<string, string> Tokens { get; } = new(StringComparer.Ordinal);

    public DrawnRequest Next()
    {
        var route = routes[random.Next(routes.Count)];
        var own = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        var method = random.Next(8) == 0 ? Methods[random.Next(Methods.Length)] : own[random.Next(own.Count)];
        var who = people[random.Next(people.Count)];
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = random.Next(3); left > 0; left--)
        {
            headers[HeaderNames[random.Next(HeaderNames.Length)]] = random.Next(3) == 0
                ? Decoded(Value()) : HeaderValues[random.Next(HeaderValues.Length)];
        }

        if (random.Next(2) == 0)
        {
            headers["If-Match"] = "*"; // Without it no edit gets as far as its body.
        }

        var (type, body) = method is "GET" or "HEAD" or "OPTIONS" or "TRACE" ? (null, null) : Body(who, route);
        return new(who, method, Path(route) + Query(route), headers, type, body);
    }

    private string Path(RouteEndpoint route) => System.Text.RegularExpressions.Regex.Replace(
        route.RoutePattern.RawText!.StartsWith('/') ? route.RoutePattern.RawText : $"/{route.RoutePattern.RawText}", @"\{[^}]*\}", _ =>
        {
            for (; ; )
            {
                // Kestrel refuses a NUL before anybody asks for a route, and an empty part is another route.
                if (Value() is { Length: > 0 and < 4_000 } value && !value.Contains("%00", StringComparison.Ordinal))
                {
                    return value;
                }
            }
        });

    private string Query(RouteEndpoint route)
    {
        string[] known = [.. QueryNames.Of(route)];
        var pairs = new List<string>();
        for (var left = random.Next(5); left > 0; left--)
        {
            var name = known.Length > 0 && random.Next(6) > 0 ? known[random.Next(known.Length)] : Names[random.Next(Names.Length)];
            pairs.Add(random.Next(12) == 0 ? name : $"{name}={Value()}");
        }

        return pairs.Count == 0 ? "" : $"?{string.Join('&', pairs)}" is var query && query.Length < 7_000 ? query : "";
    }

    private string Value() => random.Next(3) > 0
        ? Uri.EscapeDataString(Right[random.Next(Right.Length)])
        : Hostile.Values[random.Next(Hostile.Values.Count)].Encoded is { Length: < 4_000 } value ? value : "x";

    private static string Decoded(string value) => new([.. Uri.UnescapeDataString(value).Where(c => c is >= ' ' and < '\u007f')]);

    private (string, byte[]) Body(string who, RouteEndpoint route)
    {
        if (random.Next(4) > 0 && route.Metadata.GetMetadata<Takes>() is { } takes)
        {
            var at = random.Next(takes.Types.Count);
            return (takes.Types[at], Encoding.UTF8.GetBytes(takes.Types[at].EndsWith("json", StringComparison.Ordinal)
                ? string.Join('\n', (takes.Types[at].EndsWith("ndjson", StringComparison.Ordinal)
                    ? takes.Example[at].Split('\n', StringSplitOptions.RemoveEmptyEntries) : [takes.Example[at]]).Select(NearlyRight))
                : takes.Example[at].Insert(random.Next(takes.Example[at].Length), Decoded(Value()))));
        }

        var type = route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal) && random.Next(3) > 0
            ? Types[random.Next(2) == 0 ? 0 : random.Next(Types.Length)] : Types[random.Next(4) == 0 ? random.Next(Types.Length) : 1];
        var text = type switch
        {
            "application/x-www-form-urlencoded" => Form(who),
            "multipart/form-data; boundary=x" => $"--x\r\nContent-Disposition: form-data; name=\"{Names[random.Next(Names.Length)]}\"; " +
                $"filename=\"{Decoded(Value())}\"\r\n\r\n{Value()}\r\n--x--\r\n",
            "text/csv" => string.Join('\n', Enumerable.Range(0, random.Next(5)).Select(_ => string.Join(',', Some(Value)))),
            "application/yaml" => string.Join('\n', Some(() => $"{Names[random.Next(Names.Length)]}: {Decoded(Value())}")),
            _ => Json(random.Next(5)),
        };
        var bytes = Encoding.UTF8.GetBytes(text);
        return (type, random.Next(6) == 0 && bytes.Length > 0 ? bytes[..random.Next(bytes.Length)] : bytes);
    }

    /// <summary>What a route takes, but for one or two of its values or fields.</summary>
    private string NearlyRight(string example)
    {
        if (JsonNode.Parse(example) is not { } body)
        {
            return example;
        }

        List<string> drawn = [];
        for (var left = random.Next(3); left >= 0; left--)
        {
            JsonNode?[] places = [.. Inside(body).Where(node => node.Parent is not null)];
            if (places.Length > 0 && places[random.Next(places.Length)] is { } place)
            {
                drawn.Add(random.Next(3) > 0 ? Odd[random.Next(Odd.Length)] : Json(random.Next(3)));
                place.ReplaceWith(JsonValue.Create($"drawn {drawn.Count}"));
            }
        }

        return drawn.Select((raw, i) => (raw, name: $"\"drawn {i + 1}\"")).Aggregate(
            body.ToJsonString(), (text, of) => text.Replace(of.name, of.raw, StringComparison.Ordinal));
    }

    private static IEnumerable<JsonNode> Inside(JsonNode node) => (node switch
    {
        JsonObject fields => fields.Select(of => of.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(Inside).Prepend(node);

    private string Form(string who) => string.Join('&', Some(() => $"{Names[random.Next(Names.Length)]}={Value()}")
        .Append(random.Next(5) > 0 && Tokens.TryGetValue(who, out var token) ? $"form-token={token}" : "form-token=x"));

    private List<string> Some(Func<string> one) => Enumerable.Range(0, random.Next(9)).Select(_ => one()).ToList();

    private string Json(int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => $"{random.Next(-3, 1_000)}",
        1 => ((string[])["null", "true", "-0", "1e400", "0.1", "79228162514264337593543950336", "\"\\ud800\"", "{", "]"])[random.Next(9)],
        2 or 3 or 4 => JsonSerializer.Serialize(Decoded(Value())),
        5 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(depth - 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(
            _ => $"\"{Names[random.Next(Names.Length)]}\":{Json(depth - 1)}"))}}}",
    };
}
