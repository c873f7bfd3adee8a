using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.Tests;
using Exchange.Portal.Web.Access;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

[assembly: AssemblyFixture(typeof(LogScan))]

namespace Exchange.Portal.Tests;

/// <summary>
/// Looks at every line that a server logs in any test of this program, the hostile walks among them: what signs somebody
/// in, and what opens something, is in none: the run fails when the tests are over, with the lines that look so.
/// </summary>
public sealed partial class LogScan : IDisposable
{
    private static readonly ConcurrentQueue<string> Leaks = new();
    private static readonly ConcurrentQueue<string> Lines = new();
    private readonly Action _restore;

    public LogScan()
    {
        var before = Console.Error;
        _restore = () => Console.SetError(before);
        Console.SetError(new Looking(before));
    }

    /// <summary>The last lines.</summary>
    public static IEnumerable<string> Last => Lines;

    /// <summary>The secret in a text that its kind gives away; null where there is none.</summary>
    public static string? SecretIn(string text) => Secret().Match(text) is { Success: true, Value: var found } ? found : null;

    /// <summary>Looks at what was logged, here or by a server in a process of its own.</summary>
    public static void Look(string text)
    {
        Lines.Enqueue(text);
        if (Lines.Count > 1_000)
        {
            Lines.TryDequeue(out _);
        }

        if (SecretIn(text) is not null)
        {
            Leaks.Enqueue(text);
        }
    }

    public void Dispose()
    {
        _restore();
        Assert.Equal("", string.Join('\n', Leaks.Take(10)));
    }

    /// <summary>
    /// Keys of ours; cookies and form tokens; tokens of providers; links; passwords in connection strings and addresses;
    /// secrets of webhooks, of Stripe and of providers; what proves a sign-in.
    /// </summary>
    [GeneratedRegex(
        @"exchange_[0-9a-z]{13}_[\w-]{20,}|CfDJ8[\w-]{20,}|eyJ[\w-]{15,}\.[\w-]{15,}|sign-in/link/[\w-]{20,}|" +
        @"[Pp]assword\s*=\s*[^\s;*]+|://[^/\s:@]+:[^/\s@]+@|(sk|rk)_(live|test)_\w+|whsec_\w+|client_secret=\w+|" +
        @"code_verifier=[\w-]+|[?&]code=[\w-]{10,}|Bearer [\w-]{16,}")]
    private static partial Regex Secret();

    private sealed class Looking(TextWriter to) : TextWriter
    {
        public override Encoding Encoding => to.Encoding;

        public override void Write(char value) => to.Write(value);

        public override void Write(string? value)
        {
            to.Write(value);
            Look(value ?? "");
        }

        public override void WriteLine(string? value)
        {
            to.WriteLine(value);
            Look(value ?? "");
        }

        public override void Flush() => to.Flush();
    }
}

/// <summary>What fails is logged with where and why, and without what whoever asked had in hand.</summary>
public class LogsKeepSecrets
{
    [Theory]
    [InlineData("Authorization: Bearer exchange_0123456789abc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("cookie exchange-session=CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("id_token eyJhbGciOiJSUzI1NiJ9abc.eyJzdWIiOiJ1LTEifQabcd.x")]
    [InlineData("GET /sign-in/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Host=db;Username=exchange;Password=swordfish")]
    [InlineData("amqp://exchange:swordfish@rabbit:5672/")]
    [InlineData("/sign-in/callback?state=x&code=SplxlOBeZQQYbYS6WxSbIA")]
    public void A_secret_is_known_when_it_is_seen(string line) => Assert.NotNull(LogScan.SecretIn(line));

    [Fact]
    public async Task What_fails_is_told_without_what_was_sent()
    {
        await using var serving = await Serving.Start();
        using var finance = await serving.As("finance");
        using var program = await serving.WithKey(KeyScope.Read, null);
        var key = program.DefaultRequestHeaders.Authorization!.Parameter!;
        Assert.NotNull(LogScan.SecretIn($"Bearer {key}"));
        await Statements.Execute(
            serving.Exchange.Database, "alter table exchange.webhook rename to gone_webhook", [], Serving.Ct);
        foreach (var (client, path) in ((HttpClient, string)[])
            [(program, "/v1/webhooks"), (finance, "/webhooks")])
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, path);
            asked.Headers.TryAddWithoutValidation("X-Api-Key", key);
            asked.Headers.TryAddWithoutValidation("Referer", $"https://example.org/?key={key}");
            using var failed = await client.SendAsync(asked, Serving.Ct);
            Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
            Assert.DoesNotContain("gone_webhook", await failed.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        await Waiting.For(
            () => Task.FromResult(LogScan.Last.Count(line => line.Contains("exchange.webhook", StringComparison.Ordinal)) >= 2),
            () => "Not all failures were logged.");
        Assert.DoesNotContain(LogScan.Last, line => line.Contains(key.Split('_')[^1], StringComparison.Ordinal));
    }

    /// <summary>A link that was refused is still good, and the audit log is kept for ever.</summary>
    [Fact]
    public async Task A_link_that_comes_after_too_many_failures_is_not_in_the_audit_log()
    {
        await using var serving = await Serving.Start();
        using var anybody = serving.Anonymous();
        var link = await serving.App.Services.GetRequiredService<SignInLinks>().Make("finance", null, "test", Serving.Ct);
        for (var n = 0; n < SignInLimits.FailuresPerMinute; n++)
        {
            using var failed = await anybody.GetAsync(new Uri($"{SignInLinks.Path}{n}", UriKind.Relative), Serving.Ct);
            Assert.InRange((int)failed.StatusCode, 400, 499);
        }

        using var refused = await anybody.GetAsync(new Uri(link, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await serving.Exchange.Audit.FlushCounts(Serving.Ct);
        await using var command = serving.Exchange.Database.Statement(
            "select count(*) filter (where position($1 in data::text) > 0), count(*) from journal.mt_events",
            [link[SignInLinks.Path.Length..]]);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        Assert.True(await rows.ReadAsync(Serving.Ct));
        Assert.Equal(0, rows.GetInt64(0));
        Assert.InRange(rows.GetInt64(1), 1, long.MaxValue);
    }
}
