using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

public class UsageOverHttp
{
    private const string Batch = "application/cloudevents-batch+json";
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task Is_counted_once_whatever_the_number_of_times_it_is_sent()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);

        Assert.Equal((202, 1, 0, 0), await Post(client, Event("a"), "application/cloudevents+json"));
        Assert.Equal((202, 1, 1, 0), await Post(client, $"[{Event("a")},{Event("b")}]", Batch));
        Assert.Equal((202, 1, 2, 0), await Post(client, $"{Event("a")}\n{Event("b")}\n{Event("c")}\n", Lines));
    }

    [Fact]
    public async Task One_bad_event_is_set_aside_and_the_rest_counts()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);

        var bad = Event("x").Replace("\"running\"", "\"dreaming\"", StringComparison.Ordinal);
        Assert.Equal((202, 2, 0, 1), await Post(client, $"{Event("a")}\n{bad}\n{Event("b")}\n", Lines));
        Assert.Equal("reading/unknown-state", Assert.Single(await serving.Exchange.Meter.Quarantine(9,
            Serving.Ct)).Reason);
    }

    [Theory]
    [InlineData("not json", Lines)]
    [InlineData("{\"half\":", Lines)]
    [InlineData("[1,2,3]", Batch)]
    [InlineData("{}", "application/cloudevents+json")]
    [InlineData("", Lines)]
    public async Task What_is_not_CloudEvents_at_all_is_refused(string body, string type)
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        await Refused(client, body, type, HttpStatusCode.BadRequest, "usage/not-cloudevents");
    }

    [Fact]
    public async Task Of_a_request_that_is_not_JSON_to_its_end_nothing_is_kept()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        await Refused(client, $"{Event("a")}\n{{\"cut", Lines, HttpStatusCode.BadRequest, "usage/not-cloudevents");
        Assert.Equal((202, 1, 0, 0), await Post(client, Event("a"), Lines));
    }

    [Fact]
    public async Task Of_another_landlord_is_refused_whole()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var foreign = Event("x").Replace("\"nerc\"", "\"other\"", StringComparison.Ordinal);
        await Refused(client, $"{Event("a")}\n{foreign}", Lines, HttpStatusCode.Forbidden, "access/not-yours");
        Assert.Equal((202, 1, 0, 0), await Post(client, Event("a"), Lines));
    }

    [Fact]
    public async Task Needs_a_key_of_its_scope_that_is_not_revoked()
    {
        await using var serving = await Serving.Start();
        using var anonymous = serving.Anonymous();
        await Refused(anonymous, Event("a"), Lines, HttpStatusCode.Unauthorized, "access/no-key");
        using var reader = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        await Refused(reader, Event("a"), Lines, HttpStatusCode.Forbidden, "access/not-yours");

        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        Assert.Equal((202, 1, 0, 0), await Post(client, Event("a"), Lines));
        var id = client.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];
        await serving.Exchange.Do(new RevokeKey(serving.Exchange.Keys, id, "test"));
        await Refused(client, Event("b"), Lines, HttpStatusCode.Unauthorized, "access/no-key");
    }

    [Fact]
    public async Task May_be_packed_with_gzip_but_not_be_a_bomb()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var packed = Pack(Event("a"));
        using var answer = await client.PostAsync(new Uri("/v1/usage", UriKind.Relative), packed, Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);

        using var bomb = Pack(new string(' ', 70 << 20));
        using var refused = await client.PostAsync(new Uri("/v1/usage", UriKind.Relative), bomb, Serving.Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Tells_what_became_of_each_event_when_asked()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var bad = Event("x").Replace("\"running\"", "\"dreaming\"", StringComparison.Ordinal);
        using var content = Serving.Json($"{Event("a")}\n{bad}\n{Event("a")}\n", Lines);
        using var answer = await client.PostAsync(
            new Uri("/v1/usage?details=true", UriKind.Relative), content, Serving.Ct);
        using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct));
        Assert.Equal(
            ["a accepted ", "x quarantined reading/unknown-state", "a duplicate "],
            said.RootElement.GetProperty("details").EnumerateArray().Select(d =>
                $"{d.GetProperty("id").GetString()} {d.GetProperty("fate").GetString()} " +
                (d.TryGetProperty("reason", out var reason) ? reason.GetString() : "")));
    }

    [Fact]
    public async Task Is_refused_when_it_is_too_large_or_too_deep()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        // Without the question before, the answer may be lost in the closing of the pipe.
        using var asking = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) })
        {
            BaseAddress = serving.Address,
            DefaultRequestHeaders =
            {
                ExpectContinue = true,
                Authorization = client.DefaultRequestHeaders.Authorization,
            },
        };
        using var large = Serving.Json(new string(' ', 17 << 20), Lines);
        using var answer = await asking.PostAsync(new Uri("/v1/usage", UriKind.Relative), large, Serving.Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        await Refused(client, new string('[', 10_000), Lines, HttpStatusCode.BadRequest, "usage/not-cloudevents");
    }

    internal static string Event(string id) => JsonSerializer.Serialize(new
    {
        specversion = "1.0",
        id,
        source = "urn:nerc:stack",
        type = "exchange.usage.interval.v1",
        subject = $"vm-{id}",
        time = "2025-06-01T01:00:00Z",
        data = new
        {
            landlord = "nerc",
            cluster = "stack",
            project = "p-17",
            kind = "vm",
            from = "2025-06-01T00:00:00Z",
            to = "2025-06-01T01:00:00Z",
            state = "running",
            shape = new { vcpu = 4, ram_mib = 16384 },
        },
    });

    private static ByteArrayContent Pack(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new(Lines);
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static async Task<(int Status, int Accepted, int Duplicate, int Quarantined)> Post(
        HttpClient client, string body, string type)
    {
        using var content = Serving.Json(body, type);
        using var answer = await client.PostAsync(new Uri("/v1/usage", UriKind.Relative), content, Serving.Ct);
        using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct));
        return ((int)answer.StatusCode, Number("accepted"), Number("duplicate"), Number("quarantined"));

        int Number(string name) => said.RootElement.GetProperty(name).GetInt32();
    }

    private static async Task Refused(HttpClient client, string body, string type, HttpStatusCode status, string code)
    {
        using var content = Serving.Json(body, type);
        using var answer = await client.PostAsync(new Uri("/v1/usage", UriKind.Relative), content, Serving.Ct);
        var said = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode,
            answer.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(said);
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
    }
}
