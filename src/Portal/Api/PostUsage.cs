using System.IO.Compression;
using Exchange.Metering;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>POST /v1/usage — takes CloudEvents; answered once they are durable.</summary>
internal static class PostUsage
{
    private const long LargestBody = 16 << 20;
    private const long LargestUnpacked = 64 << 20;

    /// <summary>
    /// How many requests may be in work at once; more are asked to come again, so that memory is bounded.
    /// </summary>
    private static readonly SemaphoreSlim Places = new(16, 16);

    private const string Event = """
        {"specversion":"1.0","id":"a1b2","source":"urn:nerc:stack","type":"exchange.usage.interval.v1",
        "subject":"vm-0001","time":"2026-10-01T01:00:00Z","data":{"landlord":"nerc","cluster":"stack","project":"p-17",
        "kind":"vm","from":"2026-10-01T00:00:00Z","to":"2026-10-01T01:00:00Z","state":"running",
        "shape":{"vcpu":4,"ram_mib":16384}}}
        """;

    private static readonly string[] Types =
        ["application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson",
            "application/json"];

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/usage", Post).Makes()
        .RequireAuthorization(Acts.SendUsage).WithTags("usage").WithName("PostUsage")
        .WithSummary("Takes usage as CloudEvents: one, a JSON batch, or one a line; optionally gzip.")
        .WithMetadata(new Takes(
            "CloudEvents of the four usage types.", Types[..3],
            [Event, $"[{Event}]", $"{Event.ReplaceLineEndings("")}\n"]))
        .Produces<IngestOutcome>(202).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403)
        .ProducesProblem(413).ProducesProblem(415).ProducesProblem(429)
        .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestBody));

    private static async Task<IResult> Post(
        HttpContext http, Meter meter, WaitingBytes waiting, bool? details, CancellationToken ct)
    {
        if (!await Places.WaitAsync(TimeSpan.Zero, ct))
        {
            return Again(http);
        }

        try
        {
            return await Take(http, meter, waiting, details == true, ct);
        }
        catch (WaitingBytes.TooManyException)
        {
            return Again(http);
        }
        finally
        {
            Places.Release();
        }
    }

    private static IResult Again(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return Problem.Of(new("usage/too-many",
            "Too many requests, or too large ones, are in work. Send this one again in a second."), 429);
    }

    private static async Task<IResult> Take(
        HttpContext http, Meter meter, WaitingBytes waiting, bool isDetailed, CancellationToken ct)
    {
        var type = http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (!Types.Contains(type))
        {
            return Problem.Of(new(
                "usage/content-type", $"The content type is '{type}'. Send one of {string.Join(", ", Types[..3])}."),
                415);
        }

        var encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            return Problem.Of(new("usage/content-encoding", $"'{encoding}' is not known. Send gzip or plain."), 415);
        }

        await using var unpacked = encoding == "gzip"
            ? new GZipStream(http.Request.Body, CompressionMode.Decompress, leaveOpen: true)
            : http.Request.Body;
        await using var counted = waiting.Count(unpacked);
        try
        {
            var landlord = Viewer.Needed(http).Landlord!.Value;
            return await meter.Receive(counted, landlord, LargestUnpacked, isDetailed, ct) switch
            {
                Received.Done done => Answer(done, isDetailed),
                Received.NotEvents not => Problem.Of(
                    new("usage/not-cloudevents", $"{not.Why} Nothing of this request was kept."), 400),
                Received.TooLarge => Problem.Of(
                    new("usage/too-large", "The request is larger than 64 MiB unpacked. Split it."), 413),
                _ => new Reach.Refused(),
            };
        }
        catch (InvalidDataException e)
        {
            return Problem.Of(new("usage/not-gzip", $"The body is not gzip: {e.Message}"), 400);
        }
    }

    private static IResult Answer(Received.Done done, bool isDetailed)
    {
        var (accepted, duplicate, quarantined) = done.Outcome;
        return isDetailed
            ? Results.Json(new Detailed(accepted, duplicate, quarantined, done.Items), statusCode: 202)
            : Results.Json(done.Outcome, statusCode: 202);
    }

    /// <summary>The answer with what became of each event, in the order in which they came.</summary>
    private sealed record Detailed(
        long Accepted, long Duplicate, long Quarantined, IReadOnlyList<ItemOutcome> Details);
}
