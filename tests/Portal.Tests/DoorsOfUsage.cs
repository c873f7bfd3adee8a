using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// However the libraries of CloudEvents send an event, it is the same event: in structured and in binary mode, its data
/// as JSON or in base64, in whatever case types and times are written.
/// </summary>
public sealed class DoorsOfUsage
{
    private const string One = """{"accepted":1,"duplicate":0,"quarantined":0}""";
    private const string Again = """{"accepted":0,"duplicate":1,"quarantined":0}""";
    private const string Structured = "application/cloudevents+json";

    private const string Data = """
        {"landlord":"nerc","cluster":"stack","project":"p-17","kind":"vm","from":"2025-06-01T00:00:00Z",
        "to":"2025-06-01T01:00:00Z","state":"running","shape":{"vcpu":4,"ram_mib":16384}}
        """;

    /// <summary>Seen before: the last of two counted.</summary>
    [Fact]
    public async Task What_is_there_twice_counts_in_no_mode()
    {
        const string None = """{"accepted":0,"duplicate":0,"quarantined":1}""";
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var plain = UsageOverHttp.Event("a");
        var twice = Data.Replace("\"kind\"", "\"kind\":\"vm\",\"kind\"", StringComparison.Ordinal);
        Assert.Equal((202, None), await Post(
            client, plain.Replace("\"id\"", "\"id\":\"a\",\"id\"", StringComparison.Ordinal), Structured));
        Assert.Equal(("data", 202, None),
            await Post(client, "data", Bytes(twice), "application/json", "", Headers("b")));

        using var reader = await serving.WithKey(KeyScope.Read, null);
        foreach (var (path, sent, said) in ((string, string, string)[])
            [
                ("/v1/quotes", """{"usage":[],"usage":[]}""", "'usage' is there twice in one object"),
                ("/v1/quotes", """{"usage":[{"kind":"vm","shape":{"a":1,"\u0061":2}}]}""",
                    "'usage.shape.a' is there twice in one object"),
                ("/v1/webhooks", """{"url":"https://a.example","url":"https://b.example"}""",
                    "'url' is there twice in one object"),
            ])
        {
            using var body = Serving.Json(sent, "application/json");
            using var answer = await reader.PostAsync(new Uri(path, UriKind.Relative), body, Serving.Ct);
            Assert.Equal(400, (int)answer.StatusCode);
            var told = await answer.Content.ReadAsStringAsync(Serving.Ct);
            Assert.True(told.Contains(said, StringComparison.Ordinal), told);
        }
    }

    [Fact]
    public async Task An_event_in_any_mode_and_any_case_is_one_event()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var plain = UsageOverHttp.Event("a");
        Assert.Equal((202, One), await Post(client, plain, Structured));
        foreach (var (what, body, type, coding) in ((string, byte[], string, string)[])
            [
                ("a charset", Bytes(plain), "Application/CloudEvents+JSON; charset=UTF-8", ""),
                ("gzip in capitals", Packed(plain), Structured, "GZIP"),
                ("gzip by its old name", Packed(plain), Structured, "x-gzip"),
                ("identity and gzip", Packed(plain), Structured, "identity, gzip"),
                ("identity", Bytes(plain), Structured, "Identity"),
                ("a mark of UTF-8", [0xef, 0xbb, 0xbf, .. Bytes(plain)], Structured, ""),
                ("base64", Bytes(plain.Replace(
                    plain[plain.IndexOf("\"data\":", StringComparison.Ordinal)..],
                    $"\"data_base64\":\"{Convert.ToBase64String(Bytes(Data))}\"}}", StringComparison.Ordinal)),
                    Structured, ""),
                ("small t and z", Bytes(plain.Replace("T00:00:00Z", "t00:00:00z", StringComparison.Ordinal)),
                    Structured, ""),
            ])
        {
            Assert.Equal((what, 202, Again), await Post(client, what, body, type, coding, []));
        }

        foreach (var type in (string[])
            ["application/json", "Application/JSON; charset=utf-8", "text/json", "application/vnd.usage+json", ""])
        {
            Assert.Equal((type, 202, Again), await Post(client, type, Bytes(Data), type, "", Headers("a")));
        }

        Assert.Equal(("gzip", 202, Again),
            await Post(client, "gzip", Packed(Data), "application/json", "gzip", Headers("a")));
        Assert.Equal(Duration.FromHours(1), await Hours(serving));
    }

    [Fact]
    public async Task Attributes_in_headers_may_be_encoded_and_what_is_wrong_in_them_is_told()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var headers = Headers("caf%C3%A9%20%22%E2%82%AC");
        Assert.Equal(("x", 202, One), await Post(client, "x", Bytes(Data), "application/json", "", headers));
        Assert.Equal((202, Again),
            await Post(client, UsageOverHttp.Event("café \"€"), Structured));
        Assert.Equal(("x", 202, """{"accepted":0,"duplicate":0,"quarantined":1}"""), await Post(
            client, "x", Bytes(Data.Replace("running", "dreaming", StringComparison.Ordinal)), "application/json", "",
            Headers("b")));
        foreach (var (body, status, code) in ((string, int, string)[])
            [
                ("{\"cut", 400, "usage/not-cloudevents"), ("{}{}", 400, "usage/not-cloudevents"),
                ("", 400, "usage/not-cloudevents"), (new string('[', 9_000), 400, "usage/not-cloudevents"),
                (new string(' ', 2 << 20), 400, "usage/not-cloudevents"),
                (Data.Replace("\"nerc\"", "\"other\"", StringComparison.Ordinal), 403, "access/not-yours"),
            ])
        {
            var (_, answered, said) = await Post(client, "x", Bytes(body), "application/json", "", Headers("c"));
            Assert.True(answered == status && said.Contains(code, StringComparison.Ordinal), $"{answered} {said}");
        }

        var (_, other, _) = await Post(client, "x", Bytes(Data), "text/plain", "", Headers("d"));
        Assert.Equal(415, other);
    }

    [Fact]
    public async Task A_batch_of_none_is_taken_and_half_a_character_is_set_aside_wherever_it_stands()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        Assert.Equal((202, """{"accepted":0,"duplicate":0,"quarantined":0}"""),
            await Post(client, "[]", "application/cloudevents-batch+json"));
        var plain = UsageOverHttp.Event("good");
        var number = 0;
        foreach (var bad in (string[])
            [
                plain.Replace("\"vcpu\"", "\"\\ud800\"", StringComparison.Ordinal),
                plain.Replace("{\"vcpu\"", "{\"\\udfff\":1,\"vcpu\"", StringComparison.Ordinal),
                plain.Replace("\"running\"", "\"\\ud800\"", StringComparison.Ordinal),
                plain.Replace("\"p-17\"", "\"\\udc00x\"", StringComparison.Ordinal),
                plain.Replace("\"kind\"", "\"\\udbff\":1,\"kind\"", StringComparison.Ordinal)
                    .Replace("\"running\"", "\"dreaming\"", StringComparison.Ordinal),
            ])
        {
            Assert.Equal((202, """{"accepted":1,"duplicate":0,"quarantined":1}"""), await Post(
                client, $"{UsageOverHttp.Event($"g{number++}")}\n" +
                bad.Replace("\"good\"", $"\"bad{number}\"", StringComparison.Ordinal), "application/x-ndjson"));
        }

        byte[] cut = [.. Bytes(plain[..^3]), .. "\"x\":\""u8, 0xc3, 0x28, .. "\"}}}"u8];
        var (_, status, _) = await Post(client, "x", cut, "application/x-ndjson", "", []);
        Assert.InRange(status, 202, 499);
    }

    private static (string, string)[] Headers(string id) =>
    [
        ("ce-specversion", "1.0"), ("CE-Id", id), ("ce-source", "urn:nerc:stack"),
        ("ce-type", "exchange.usage.interval.v1"), ("ce-subject", $"vm-{id}"), ("ce-time", "2025-06-01T01:00:00Z"),
        ("ce-traceparent", "00-ab-cd-01"),
    ];

    private static async Task<Duration> Hours(Serving serving)
    {
        var hours = Duration.Zero;
        await foreach (var segment in serving.Exchange.Meter.Segments(
            new(new(Instant.FromUtc(2025, 5, 1, 0, 0), Instant.FromUtc(2025, 7, 1, 0, 0))), Serving.Ct))
        {
            hours += segment.Period.Length;
        }

        return hours;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Packed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Bytes(text));
        }

        return bytes.ToArray();
    }

    private static async Task<(int Status, string Said)> Post(HttpClient client, string body, string type)
    {
        var (_, status, said) = await Post(client, "", Bytes(body), type, "", []);
        return (status, said);
    }

    private static async Task<(string What, int Status, string Said)> Post(
        HttpClient client, string what, byte[] body, string type, string coding, (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type.Length > 0 ? MediaTypeHeaderValue.Parse(type) : null;
        if (coding.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/usage") { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, Serving.Ct);
        return (what, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }
}
