using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Web;

/// <summary>
/// A POST that carries 'Idempotency-Key' is done once: whoever sends it again within a day gets the first answer again.
/// </summary>
internal static class IdempotencyFilter
{
    public const string Header = "Idempotency-Key";

    private const int MaxKeyLength = 200;

    /// <summary>What the locks of keys are of.</summary>
    private const int LockKind = 1;

    /// <param name="secret">
    /// The member of the answer that is told once and kept nowhere: whoever asks again gets the answer without it.
    /// </param>
    public static RouteHandlerBuilder DoneOnce(this RouteHandlerBuilder route, string? secret = null) =>
        route.WithMetadata(new Marked()).AddEndpointFilter(async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            if (http.Request.Headers[Header] is not { Count: > 0 } key)
            {
                return await next(invocation);
            }

            return key is [{ Length: > 0 and <= MaxKeyLength } one]
                ? await Keep(http, one, secret, async () => await next(invocation))
                : Problem.Of(new("request/key", $"'{Header}' has 1 to {MaxKeyLength} characters."), 400);
        });

    /// <summary>Shown in the description of the API: the route takes the header.</summary>
    internal sealed record Marked;

    private static async Task<object?> Keep(
        HttpContext http, string key, string? secret, Func<Task<object?>> act)
    {
        var exchange = http.RequestServices.GetRequiredService<Composition>();
        var database = exchange.Database;
        var (actor, owner) = (Viewer.Needed(http).Actor, Viewer.Needed(http).Owner);
        var hash = await Hash(http);
        await using var alone = await exchange.Locks.Hold(LockKind, [$"{actor} {key}"], http.RequestAborted);
        if (await KeptAnswers.Find(database, actor, key) is { } before)
        {
            return before.Hash.AsSpan().SequenceEqual(hash)
                ? new Answered(before.Status, before.Type, before.Body)
                : Problem.Of(new(
                    "request/key-used", $"'{Header}: {key}' was sent with another request. Use a new key for a new " +
                    "one."),
                    StatusCodes.Status422UnprocessableEntity);
        }

        if (!await KeptAnswers.HasRoom(database, owner))
        {
            return TooMany(http);
        }

        var (status, type, body) = await Capture(http, await act());
        if (status < 500)
        {
            await KeptAnswers.Add(database, owner, actor, key, new(
                hash, status, type, secret is null ? body : Without(secret, body)));
        }

        return new Answered(status, type, body) { IsFirst = true };
    }

    /// <summary>Nothing was done: who cannot be answered again must not believe so.</summary>
    private static IResult TooMany(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "3600";
        return Problem.Of(new(
            "request/too-many-keys", $"More answers to requests with '{Header}' are kept than there is room for: " +
            $"{KeptAnswers.MaxOfOwner:#,0}, and {KeptAnswers.MaxBytesOfOwner >> 20} MiB, of a landlord, person or " +
            "key; each for a day. Nothing of this request was done. Send it later, or without the header."),
            StatusCodes.Status429TooManyRequests);
    }

    private static byte[] Without(string secret, byte[] body)
    {
        if (JsonNode.Parse(body) is not JsonObject told || !told.Remove(secret))
        {
            return body; // It is a refusal, which tells no secret.
        }

        return JsonSerializer.SerializeToUtf8Bytes(told, Exchange.Text.Json);
    }

    private static async Task<byte[]> Hash(HttpContext http)
    {
        http.Request.EnableBuffering(1 << 20);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(
            $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n" +
            (ApiVersion.IsSecond(http) ? "v2\n" : "")));
        hash.AppendData(await SHA256.HashDataAsync(http.Request.Body, http.RequestAborted));
        http.Request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private static async Task<(int Status, string Type, byte[] Body)> Capture(HttpContext http, object? result)
    {
        var (response, real) = (http.Response, http.Response.Body);
        using var body = new MemoryStream();
        response.Body = body;
        try
        {
            await (result as IResult ?? Results.Ok(result)).ExecuteAsync(http);
        }
        finally
        {
            response.Body = real;
        }

        response.ContentLength = null;
        return (response.StatusCode, response.ContentType ?? "", body.ToArray());
    }

    private sealed class Answered(int status, string type, byte[] body) : IResult
    {
        public bool IsFirst { get; init; }

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = type.Length > 0 ? type : null;
            if (!IsFirst)
            {
                httpContext.Response.Headers["Idempotency-Replayed"] = "true";
            }

            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
