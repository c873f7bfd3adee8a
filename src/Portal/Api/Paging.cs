using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Portal.Web;
using Microsoft.Net.Http.Headers;

namespace Exchange.Portal.Api;

/// <summary>One page of an answer, and the cursor that asks for the next; none on the last page.</summary>
internal sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next)
{
    public static PageOf<T> Of(IReadOnlyList<T> items, int limit, Func<T, string> key) =>
        new(items, items.Count == limit ? Cursor.Of(key(items[^1])) : null);

    /// <summary>A page of things that are all at hand, in the order of their keys.</summary>
    public static PageOf<T> Cut(IEnumerable<T> all, string? cursor, int? limit, Func<T, string> key)
    {
        var (after, most) = (Cursor.Key(cursor), Cursor.Limit(limit));
        return Of(
            [.. all.OrderBy(key, StringComparer.Ordinal)
                .Where(item => string.CompareOrdinal(key(item), after) > 0).Take(most)], most, key);
    }
}

/// <summary>Where the next page begins. Opaque to callers, so that it can change.</summary>
internal static class Cursor
{
    public static string Of(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <exception cref="FormatException">It is not a cursor that we gave out.</exception>
    public static string Key(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return "";
        }

        return Base64Url.IsValid(cursor)
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Replace("\0", "", StringComparison.Ordinal)
            : throw new FormatException("'cursor' is not one that was given out. Leave it out to begin at the start.");
    }

    /// <exception cref="FormatException">Too few or too many were asked for.</exception>
    public static int Limit(int? limit) => limit switch
    {
        null => 200,
        >= 1 and <= 1_000 => limit.Value,
        _ => throw new FormatException("'limit' is between 1 and 1000."),
    };
}

/// <summary>An answer with the tag of its content: whoever has it already is told so and gets nothing again.</summary>
internal sealed class Tagged(object value, int status = StatusCodes.Status200OK) : IResult
{
    public static string Of(ReadOnlySpan<byte> bytes) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";

    public static string Of(object value) => Of(Bytes(value));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ApiVersion.Json(httpContext));
        var tag = Of(bytes);
        httpContext.Response.Headers.ETag = tag;
        httpContext.Response.Headers.CacheControl = "private, no-cache";
        if (status == StatusCodes.Status200OK && Has(httpContext.Request.Headers.IfNoneMatch, tag))
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = ApiVersion.Type(httpContext);
        httpContext.Response.ContentLength = bytes.Length;
        await httpContext.Response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    public static bool Has(Microsoft.Extensions.Primitives.StringValues header, string tag) =>
        EntityTagHeaderValue.TryParseList([.. header.OfType<string>()], out var tags) &&
        tags.Any(t => t.Tag == "*" || t.Tag == tag);

    private static byte[] Bytes(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Text.Json);
}
