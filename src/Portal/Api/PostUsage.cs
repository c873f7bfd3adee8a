using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Exchange.Metering;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>POST /v1/usage — takes CloudEvents; answered once they are durable.</summary>
internal static class PostUsage
{
    private const long LargestBody = 16 << 20;

    /// <summary>What the answer to whoever asks what became of each event may take until they have read it.</summary>
    private const int AnswerBytes = Received.MaxItems * 800;

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
        .RequireAuthorization(Permissions.SendUsage).WithTags("usage").WithName("PostUsage")
        .WithSummary("Takes usage as CloudEvents: one, a JSON batch, or one a line; optionally gzip.")
        .WithMetadata(new Takes(
            "CloudEvents of the four usage types.", Types[..3],
            [Event, $"[{Event}]", $"{Event.ReplaceLineEndings("")}\n"]))
        .Produces<IngestOutcome>(202).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403)
        .ProducesProblem(408).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503)
        .WithMetadata(new RequestTurns.Free(), new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestBody));

    private static async Task<IResult> Post(
        HttpContext http, IUsageIntake intake, UploadBudgets budgets, bool? details, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (budgets.Begin(viewer.Landlord!.Value, viewer.Actor) is not { } upload)
        {
            return Again(http, 1);
        }

        // An answer about each event is in memory until it is read, and keeps its place: slow readers fill theirs.
        var isDetailed = details == true;
        http.Response.RegisterForDispose(upload);
        using var place = isDetailed ? null : upload;
        if (ProblemOf(http.Request, out var isGzip) is { } problem)
        {
            return Problem.Of(problem, 415);
        }

        try
        {
            var answer = isDetailed ? AnswerBytes : 0;
            upload.Add(answer);
            UploadBody.AskForSpeed(http); // Where Kestrel does not count, the body itself does.
            await using var body = new UploadBody(http.Request.Body, isGzip, upload);
            return await Take(http, intake, body, budgets.MaxBytesOfRequest - answer, isDetailed, ct);
        }
        catch (UploadBudgets.TooManyException)
        {
            return Again(http, 1);
        }
        catch (Exception e) when (e is UploadBody.TooSlowException or
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout })
        {
            return TooSlow(http);
        }
        catch (RefusedException e) when (e.Refusal.Code == Unreadable.Code || Meter.IsElsewhere(e.Refusal))
        {
            return Problem.Of(e.Refusal, StatusCodes.Status503ServiceUnavailable);
        }
        catch (InvalidDataException e)
        {
            return Problem.Of(new("usage/not-gzip", $"The body is not gzip: {e.Message}"), 400);
        }
    }

    private static IResult Again(HttpContext http, int seconds)
    {
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problem.Of(new("usage/too-many",
            "Too many requests, or too large ones, are in work. Send this one again in a second."), 429);
    }

    private static IResult TooSlow(HttpContext http)
    {
        http.Response.Headers.Connection = "close";
        return Problem.Of(new("usage/too-slow",
            $"The body comes with less than {UploadBody.MinBytesASecond:#,0} bytes a second. Send smaller requests, " +
            "packed with gzip; nothing of this one was kept."), StatusCodes.Status408RequestTimeout);
    }

    private static async Task<IResult> Take(
        HttpContext http, IUsageIntake intake, UploadBody body, long most, bool isDetailed, CancellationToken ct)
    {
        Stream events = body;
        if (BinaryEvent.IsOne(http.Request))
        {
            try
            {
                events = new MemoryStream(await BinaryEvent.Structured(http.Request, body, ct));
            }
            catch (JsonException e)
            {
                return NotEvents($"The body is to be the data of an event and is not JSON: {e.Message}");
            }
        }

        var viewer = Viewer.Needed(http);
        return await intake.Receive(
            events, viewer.Landlord!.Value, most, isDetailed, ct, viewer.Actor) switch
        {
            Received.Done done => Answer(done, isDetailed),
            Received.NotEvents not => NotEvents(not.Why),
            Received.TooLarge => Problem.Of(new("usage/too-large", string.Create(CultureInfo.InvariantCulture,
                $"The request is larger than {most >> 20} MiB unpacked, has an event of over 1 MiB, or more than " +
                $"{(isDetailed ? Received.MaxItems : Received.MaxEvents):#,0} events. Split it.")), 413),
            Received.TooManyNames names => TooManyNames(http, names),
            Received.TooManyMisfits misfits => TooManyMisfits(http, misfits),
            Received.Foreign => new LandlordScope.Refused(),
            var other => throw new UnreachableException($"{other} is no answer to whoever sends."),
        };
    }

    private static IResult NotEvents(string why) =>
        Problem.Of(new("usage/not-cloudevents", $"{why} Nothing of this request was kept."), 400);

    private static IResult TooManyNames(HttpContext http, Received.TooManyNames names)
    {
        http.Response.Headers.RetryAfter = names.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.Of(new("usage/too-many-names",
            "More new names of resources, projects, shapes or meters came than a landlord may bring at once. Nothing " +
            "of this request was kept. Name things alike each time, or send the rest later."), 429);
    }

    private static IResult TooManyMisfits(HttpContext http, Received.TooManyMisfits misfits)
    {
        http.Response.Headers.RetryAfter = misfits.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.Of(new("usage/too-many-misfits",
            "More of what this landlord sends has to be set aside than it may bring at once. Nothing of this request " +
            "was kept. Correct its reporter: what was set aside says what is wrong with it."), 429);
    }

    /// <summary>What is wrong with how a request says that it is written; null where nothing is.</summary>
    private static Refusal? ProblemOf(HttpRequest request, out bool isGzip)
    {
        var codings = request.Headers.ContentEncoding.ToString().ToLowerInvariant()
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(coding => coding != "identity").ToArray();
        isGzip = codings is ["gzip" or "x-gzip"];
        if (codings.Length > 0 && !isGzip)
        {
            return new(
                "usage/content-encoding", $"'{request.Headers.ContentEncoding}' is not known. Send gzip or plain.");
        }

        var type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        var isTaken = BinaryEvent.IsOne(request)
            ? type is null or "application/json" or "text/json" || type.EndsWith("+json", StringComparison.Ordinal)
            : Types.Contains(type);
        return isTaken ? null : new(
            "usage/content-type", $"The content type is '{type}'. Send one of {string.Join(", ", Types[..3])}.");
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
