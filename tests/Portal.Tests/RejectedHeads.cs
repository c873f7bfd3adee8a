using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What the web server turns away before a route is looked for is told like every other refusal: a status, what is
/// wrong and a code, once, and nothing after it. `/v1/invoices/%00` was a bare 400.
/// </summary>
public sealed class RejectedHeads
{
    private const string End = " HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static readonly (int Status, string Head)[] Heads =
    [
        (400, $"GET /v1/invoices/%00{End}"), (400, $"GET /v1/invoices/a%00b/pdf{End}"), (400, $"GET /%00{End}"),
        (400, $"POST /v1/usage/%00{End}"), (400, $"DELETE /landlord/keys/x%2500%00{End}"),
        (400, $"GET /v1/invoices?x=\u0000{End}"), (400, $"NONSENSE\r\n\r\n"), (400, $"GET{End}"),
        (505, "GET / HTTP/3.7\r\nHost: localhost\r\n\r\n"), (400, "GET / HTTP/1.1\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: exchange-session=\u0000\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \u00ff\u00fe\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n"),
        (400, "POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
        (400, "POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
        (414, $"GET /{new string('x', 9_000)}{End}"), (414, $"GET /?{new string('x', 9_000)}{End}"),
        (431, $"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 40_000)}\r\n\r\n"),
        (431, $"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 200))}\r\n"),
    ];

    [Fact]
    public async Task Are_told_what_is_wrong_with_them_once_and_by_a_code()
    {
        await using var serving = await Serving.Start();
        foreach (var (status, head) in Heads)
        {
            var answer = await Ask(serving.Address, head);
            var what = $"{head[..Math.Min(60, head.Length)]} is told {answer}";
            Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), what);
            var (lines, body) = (answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)],
                answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            Assert.True(lines.Contains("application/problem+json", StringComparison.Ordinal), what);
            Assert.True(lines.Contains("X-Content-Type-Options: nosniff", StringComparison.Ordinal), what);
            Assert.Contains($"Content-Length: {body.Length}", lines, StringComparison.OrdinalIgnoreCase);
            var problem = JsonSerializer.Deserialize<JsonElement>(body);
            Assert.Equal(status, problem.GetProperty("status").GetInt32());
            Assert.StartsWith("request/", problem.GetProperty("code").GetString(), StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()), what);
        }

        Assert.StartsWith("HTTP/1.1 400 ", await Ask(serving.Address, $"HEAD /%00{End}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await Ask(
            serving.Address, "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    /// <summary>
    /// Bodies in pieces that are none, from strangers and from who has a key. Seen to fail: a size beyond 32 bits was a
    /// fault of the disk, 503, with 5 kB of log for each.
    /// </summary>
    [Fact]
    public async Task Bodies_that_are_not_in_pieces_as_they_say_are_their_senders_fault()
    {
        await using var serving = await Serving.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        string[] pieces = ["FFFFFFFFFFFFFFFF\r\nabc", "zz\r\nabc", "-1\r\nabc", "3\r\nabcdef"];
        foreach (var (route, head) in ((string, string)[])[
            ("/v1/usage", $"Authorization: {key.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/x-ndjson\r\n"),
            ("/sign-in", "Content-Type: application/x-www-form-urlencoded\r\n"), ("/v1/peers/mit/statements", "")])
        {
            foreach (var body in pieces)
            {
                var answer = await Ask(
                    serving.Address, $"POST {route} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}" +
                    $"Transfer-Encoding: chunked\r\n\r\n{body}");
                Assert.True(
                    answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) && answer.Contains("\"code\"", StringComparison.Ordinal),
                    $"{route} {body[..Math.Min(30, body.Length)]}: {answer}");
            }
        }
    }

    private static async Task<string> Ask(Uri server, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, Serving.Ct);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(head), Serving.Ct);
        var told = client.GetStream();
        var answer = new MemoryStream();
        await told.CopyToAsync(answer, Serving.Ct);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
