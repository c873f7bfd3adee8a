using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Exchange.Portal.Web;

/// <summary>
/// Answers requests that the web server itself turns away, before anything of ours is asked: a NUL in the path, a head
/// that is no HTTP, too long or of two minds about its body. It would send a status and nothing else; what is wrong and
/// what to do is said here, as for every other refusal.
/// </summary>
internal sealed class RejectedRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string Rejected = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static void Use(WebApplication app) =>
        app.Services.GetRequiredService<System.Diagnostics.DiagnosticListener>()
            .Subscribe(new RejectedRequests(), name => name == Rejected);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Streams of HTTP/2 share a connection, on which nothing may be written beside its frames.
        if (value.Value is IFeatureCollection features && features.Get<IHttp2StreamIdFeature>() is null &&
            features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException bad &&
            features.Get<IHttpResponseFeature>() is { HasStarted: false } &&
            features.Get<IConnectionTransportFeature>()?.Transport.Output is { } output)
        {
            output.Write(Answer(bad));
            output.Complete(); // What the server would say after it, a status, is not for whoever has read this.
        }
    }

    private static byte[] Answer(BadHttpRequestException bad)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Problem(
            "https://exchange.invalid/refusals/request/malformed", "Bad request", bad.StatusCode,
            $"{bad.Message.TrimEnd('.')}. Nothing of it was read.", "request/malformed"), Text.Json);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {bad.StatusCode} Rejected
            Connection: close
            Content-Type: application/problem+json
            Content-Length: {body.Length}
            Cache-Control: no-store
            {SecurityHeaders.Lines}


            """).ReplaceLineEndings("\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    /// <summary>As RFC 9457 says it, in the order of all others.</summary>
    private sealed record Problem(string Type, string Title, int Status, string Detail, string Code);
}
