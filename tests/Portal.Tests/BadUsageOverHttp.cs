using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Exchange.Metering;
using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Whatever is sent, the answer says what is wrong with it, and what is right beside it counts.</summary>
public sealed class BadUsageOverHttp
{
    /// <summary>An hour from when it is asked for.</summary>
    private static string Ahead => (SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(1))
        .ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What is changed in a good event, and why it is set aside.</summary>
    private static (string What, string From, string To, string Reason)[] Bad =>
    [
        ("a number that is none, as text", "\"quantity\":1", "\"quantity\":\"NaN\"", "reading/not-a-number"),
        ("400 digits as text", "\"quantity\":1", $"\"quantity\":\"{new string('9', 400)}\"", "reading/not-a-number"),
        ("400 digits as a number", "\"quantity\":1", $"\"quantity\":{new string('9', 400)}", "reading/not-a-number"),
        ("400 digits after the point", "\"quantity\":1", $"\"quantity\":0.{new string('3', 400)}",
            "reading/not-a-number"),
        ("an exponent of 400", "\"quantity\":1", "\"quantity\":1e400", "reading/not-a-number"),
        ("less than nothing", "\"quantity\":1", "\"quantity\":-1", "reading/negative-quantity"),
        ("no meter", "\"meter\":\"tokens\"", "\"meter\":\"\"", "reading/bad-name"),
        ("a meter that is no text", "\"meter\":\"tokens\"", "\"meter\":7", "reading/bad-name"),
        ("400 digits in a shape", "\"vcpu\":4", $"\"vcpu\":{new string('9', 400)}", "reading/not-a-number"),
        ("year 0", "2025-06-01T00:00:00Z", "0000-01-01T00:00:00Z", "reading/too-early"),
        ("year 9999", "2025-06-01T01:00:00Z", "9999-12-31T23:59:59Z", "reading/in-the-future"),
        ("a clock an hour ahead", "2025-06-01T01:00:00Z", Ahead, "reading/in-the-future"),
        ("an interval that ends before it starts", "2025-06-01T01:00:00Z", "2025-05-31T23:00:00Z",
            "reading/empty-interval"),
        ("an interval of no length", "2025-06-01T01:00:00Z", "2025-06-01T00:00:00Z", "reading/empty-interval"),
    ];

    [Fact]
    public async Task One_bad_event_is_set_aside_with_its_reason_and_those_beside_it_count()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var number = 0;
        foreach (var (what, from, to, reason) in Bad)
        {
            var isCount = from.Contains("quantity", StringComparison.Ordinal) ||
                from.Contains("meter", StringComparison.Ordinal);
            var good = isCount ? Count("bad") : UsageOverHttp.Event("bad");
            var bad = good.Replace(from, to, StringComparison.Ordinal).Replace(
                "\"bad\"", $"\"bad-{number}\"", StringComparison.Ordinal);
            Assert.NotEqual(good, bad);
            var sent = $"{UsageOverHttp.Event($"a{number}")}\n{bad}\n{UsageOverHttp.Event($"b{number}")}\n";
            var (status, said) = await Post(client, Encoding.UTF8.GetBytes(sent), "", "?details=true");
            Assert.True(status == HttpStatusCode.Accepted, $"{what}: {said}");
            using var answer = JsonDocument.Parse(said);
            Assert.Equal(
                $"{what}: 2 accepted, 1 quarantined: {reason}",
                $"{what}: {answer.RootElement.GetProperty("accepted")} accepted, " +
                $"{answer.RootElement.GetProperty("quarantined")} quarantined: " +
                answer.RootElement.GetProperty("details")[1].GetProperty("reason").GetString());
            number++;
        }

        Assert.Equal(Duration.FromHours(2 * number), await Hours(serving));
        Assert.Empty(await serving.Exchange.Meter.Totals(June, Serving.Ct));
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_to_its_end_is_refused_whole()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var good = UsageOverHttp.Event("good") + "\n";
        var deep = good.Replace("\"shape\":{", $"\"shape\":{{\"x\":{Nested(10_000)},", StringComparison.Ordinal);
        var packed = Packed(string.Concat(Enumerable.Range(0, 5_000).Select(i => UsageOverHttp.Event($"{i}") + "\n")));
        var changed = packed.ToArray();
        changed[packed.Length / 2] ^= 0xff;
        (string What, byte[] Body, string Encoding, HttpStatusCode Status, string Code)[] requests =
        [
            ("gzip that is cut", packed[..(packed.Length / 2)], "gzip", HttpStatusCode.BadRequest, "usage/not-gzip"),
            ("gzip without its end", packed[..^8], "gzip", HttpStatusCode.BadRequest, "usage/not-gzip"),
            ("gzip that is changed", changed, "gzip", HttpStatusCode.BadRequest, "usage/not-"),
            ("no gzip at all", Encoding.UTF8.GetBytes(good), "gzip", HttpStatusCode.BadRequest, "usage/not-gzip"),
            ("100 MB in one line", Packed(good + new string('9', 100_000_000)), "gzip",
                HttpStatusCode.RequestEntityTooLarge, "usage/too-large"),
            ("100 MB in one text", Packed(good + "{\"id\":\"" + new string('a', 100_000_000)), "gzip",
                HttpStatusCode.RequestEntityTooLarge, "usage/too-large"),
            ("10,000 levels", Encoding.UTF8.GetBytes(good + deep), "", HttpStatusCode.BadRequest,
                "usage/not-cloudevents"),
            ("JSON that is cut", Encoding.UTF8.GetBytes(good + good[..80]), "", HttpStatusCode.BadRequest,
                "usage/not-cloudevents"),
            ("JSON that is closed twice", Encoding.UTF8.GetBytes(good.Replace("}}}", "}}}}", StringComparison.Ordinal)),
                "", HttpStatusCode.BadRequest, "usage/not-cloudevents"),
            ("NaN", Encoding.UTF8.GetBytes(good + Count("n").Replace(
                "\"quantity\":1", "\"quantity\":NaN", StringComparison.Ordinal)), "", HttpStatusCode.BadRequest,
                "usage/not-cloudevents"),
            ("another landlord's resource", Encoding.UTF8.GetBytes(good + UsageOverHttp.Event("x").Replace(
                "\"nerc\"", "\"other\"", StringComparison.Ordinal)), "", HttpStatusCode.Forbidden, "access/not-yours"),
        ];
        foreach (var (what, body, encoding, status, code) in requests)
        {
            var (answered, said) = await Post(client, body, encoding);
            Assert.True(answered == status && said.Contains($"\"{code}", StringComparison.Ordinal),
                $"{what}: {answered} {said}");
        }

        Assert.Equal(Duration.Zero, await Hours(serving));
        var (again, counted) = await Post(client, Encoding.UTF8.GetBytes(good), "");
        Assert.Equal((HttpStatusCode.Accepted, """{"accepted":1,"duplicate":0,"quarantined":0}"""), (again, counted));
    }

    [Fact]
    public async Task No_instant_counts_twice_where_intervals_overlap_and_the_first_of_an_id_counts()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var first = UsageOverHttp.Event("a");
        var overlapping = first.Replace("\"id\":\"a\"", "\"id\":\"b\"", StringComparison.Ordinal)
            .Replace("T00:00:00Z", "T00:30:00Z", StringComparison.Ordinal)
            .Replace("T01:00:00Z", "T02:00:00Z", StringComparison.Ordinal);
        var other = first.Replace("T01:00:00Z", "T09:00:00Z", StringComparison.Ordinal);
        var (_, said) = await Post(client, Encoding.UTF8.GetBytes($"{first}\n{overlapping}\n{other}\n"), "");
        Assert.Equal("""{"accepted":2,"duplicate":0,"quarantined":1}""", said);
        Assert.Equal(Duration.FromHours(2), await Hours(serving));
        Assert.Equal("reading/same-id-other-content",
            Assert.Single(await serving.Exchange.Meter.Quarantine(9, Serving.Ct)).Reason);
    }

    [Fact]
    public async Task What_is_counted_on_a_meter_that_nobody_prices_is_kept_as_it_is()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var (_, said) = await Post(client, Encoding.UTF8.GetBytes(
            Count("c").Replace("tokens", "moon-phases", StringComparison.Ordinal)), "");
        Assert.Equal("""{"accepted":1,"duplicate":0,"quarantined":0}""", said);
        var total = Assert.Single(await serving.Exchange.Meter.Totals(June, Serving.Ct));
        Assert.Equal(("moon-phases", 1m), (total.Meter, total.Quantity));
    }

    private static readonly UsageQuery June = new(new(
        Instant.FromUtc(2025, 5, 1, 0, 0), Instant.FromUtc(2025, 7, 1, 0, 0)));

    private static async Task<Duration> Hours(Serving serving)
    {
        var hours = Duration.Zero;
        await foreach (var segment in serving.Exchange.Meter.Segments(June, Serving.Ct))
        {
            hours += segment.Period.Length;
        }

        return hours;
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static string Count(string id) => JsonSerializer.Serialize(new
    {
        specversion = "1.0",
        id,
        source = "urn:nerc:stack",
        type = "exchange.usage.count.v1",
        subject = "gateway",
        time = "2025-06-01T00:00:00Z",
        data = new
        {
            landlord = "nerc",
            cluster = "stack",
            project = "p-17",
            kind = "gateway",
            meter = "tokens",
            quantity = 1,
        },
    });

    private static byte[] Packed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static async Task<(HttpStatusCode Status, string Said)> Post(
        HttpClient client, byte[] body, string encoding, string query = "")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/x-ndjson");
        if (encoding.Length > 0)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var answer = await client.PostAsync(new Uri($"/v1/usage{query}", UriKind.Relative), content, Serving.Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }
}
