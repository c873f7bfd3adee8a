using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Drawn requests to every route of a real server, as each role and key and as a stranger. No answer is a fault, none
/// lacks the headers of an answer, none takes long, and the log tells of no fault. With EXCHANGE_FUZZ_SECONDS=600 it goes
/// on for so long, and what is found is kept in Inputs/found-requests.ndjson, which every run sends again.
/// </summary>
public sealed partial class RoutesUnderDrawnRequests
{
    private static readonly string[] Persons = ["ada", "ben", "subsidy", "nerc", "finance", "operator"];
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(120);
    private static string Findings => Product.File("tests/Portal.Tests/Inputs/found-requests.ndjson");

    [Fact]
    public async Task Bring_answers_and_never_a_fault()
    {
        await using var serving = await Closed();
        var log = new KeptLog();
        serving.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        var seconds = Environment.GetEnvironmentVariable("EXCHANGE_FUZZ_SECONDS") is { } told
            ? int.Parse(told, CultureInfo.InvariantCulture) : 0;
        var seed = seconds > 0 ? Environment.TickCount : Draws.First;
        var count = Draws.Count(few: 300, many: 5_000);
        var people = await People(serving);
        var drawn = new DrawnRequests([.. Routes(serving)], [.. people.Keys], new(seed));
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(Findings, Serving.Ct))
        {
            await Try(people, DrawnRequest.Parse(line), log, found);
        }

        var (watch, tries) = (Stopwatch.StartNew(), 0);
        for (; seconds > 0 ? watch.Elapsed.TotalSeconds < seconds : tries < count; tries++)
        {
            if (tries % 300 == 0)
            {
                people = tries == 0 ? people : await Again(serving) ?? people; // Some of them have signed out by now.
                await ReadTokens(people, drawn);
            }

            await Try(people, drawn.Next(), log, found);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{tries} requests, {found.Count} kinds of findings, seed {seed}.");
        if (seconds > 0)
        {
            await File.AppendAllLinesAsync(Findings, found.Values, Serving.Ct);
        }

        Assert.Equal("", string.Join('\n', found.Select(of => $"{of.Key}\n  {of.Value}")));
    }

    /// <summary>
    /// What is there and what is not are the same to a stranger and to whoever may not see it: status, headers and body,
    /// and the statements that the database is given, so that no time tells what they do not. In a short run each asks a
    /// route for one thing by its path and for one in its query.
    /// </summary>
    [Fact]
    public async Task Tell_nobody_of_what_is_not_theirs_whether_it_is_there()
    {
        await using var serving = await Closed();
        using var issued = new IssuedStatements();
        var people = await People(serving);
        var number = await AdasInvoice(serving);
        var (different, asked) = (new List<string>(), 0);
        foreach (var route in Routes(serving).Where(r => r.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                // Ada's things, asked for by those whose they are not; finance and keys of all may see them. The names
                // of landlords are known to everybody: they stand in the catalog.
                foreach (var who in (string[])["stranger", "ben", "other", "read other", "usage"])
                {
                    foreach (var (there, not) in Pairs(route, number, $"{who} {method}"))
                    {
                        asked++;
                        if (await IssuedStatements.Difference(
                            () => Told(issued, people[who], method, there, "p-ada", "ada@bu.edu", number),
                            () => Told(issued, people[who], method, not, "p-oda", "non@bu.edu", "PI-2026-9999"))
                            is { } difference)
                        {
                            different.Add($"{who} {method} {there}: {difference}");
                        }
                    }
                }
            }
        }

        Assert.True(asked > 500, $"Only {asked} were asked.");
        Assert.True(different.Count == 0, string.Join('\n', different.Take(20)));
    }

    /// <summary>A route with what is there in its path and query, and the same with what is not.</summary>
    private static IEnumerable<(string There, string Not)> Pairs(RouteEndpoint route, string number, string who)
    {
        var path = route.RoutePattern.RawText!;

        // As far from Ben's own project as Ada's is: what is near is said, of what is one's own.
        (string There, string Not)[] things =
            [("p-ada", "p-oda"), ("ada@bu.edu", "non@bu.edu"), (number, "PI-2026-9999")];
        List<(string, string)> inPath = path.Contains('{', StringComparison.Ordinal)
            ? [.. things.Select(thing => (Fill(path, thing.There), Fill(path, thing.Not)))] : [];
        List<(string, string)> inQuery = [..
            from thing in things
            from name in Web.QueryNames.Of(route)
            where name is not "month"
            select ($"{Fill(path, "x")}?{name}={thing.There}", $"{Fill(path, "x")}?{name}={thing.Not}")];
        return ((List<(string, string)>[])[inPath, inQuery]).Where(some => some.Count > 0)
            .SelectMany(some => Draws.Of(some, $"{who} {path}"));
    }

    private static async Task<string> AdasInvoice(Serving serving)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select number from invoicing.invoice where account = 'ada@bu.edu' and number is not null");
        return (string)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }

    private static string Fill(string path, string value) => Parameter().Replace(
        path.Replace("{month}", "2026-10", StringComparison.Ordinal), value);

    private static async Task<(string Told, IReadOnlyList<string> Work)> Told(
        IssuedStatements issued, HttpClient client, string method, string url, params string[] names)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(url, UriKind.Relative));
        var (answer, work) = await issued.Send(client, request);
        var told = $"{(int)answer.StatusCode} {answer.Headers.Location} {string.Join(' ', answer.Headers
            .Where(h => h.Key is not ("Date" or "Set-Cookie" or "ETag")).Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order())} " +
            await answer.Content.ReadAsStringAsync(Serving.Ct);
        answer.Dispose();
        told = Sealed().Replace(Token().Replace(told, ""), "");
        return (names.Aggregate(told, (text, name) => text.Replace(name, "…", StringComparison.Ordinal)
            .Replace(Uri.EscapeDataString(name), "…", StringComparison.Ordinal)), work);
    }

    private static async Task Try(
        IReadOnlyDictionary<string, HttpClient> people, DrawnRequest drawn, KeptLog log, Dictionary<string, string> found)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = drawn.Message();
        using var answer = await people[drawn.Who].SendAsync(request, Serving.Ct);
        var body = await answer.Content.ReadAsStringAsync(Serving.Ct);
        var wrong = (int)answer.StatusCode >= 500 ? $"{(int)answer.StatusCode}"
            : !answer.Headers.Contains("X-Content-Type-Options") || !answer.Headers.Contains("Content-Security-Policy")
                ? $"{(int)answer.StatusCode} without headers"
            : body.Contains("   at Exchange.", StringComparison.Ordinal) ? "tells where it failed"
            : Stopwatch.GetElapsedTime(start) > MostTime ? "takes long" : null;
        if (log.Take() is { } fault)
        {
            wrong = $"{wrong} log: {fault}";
        }

        if (wrong is not null)
        {
            found.TryAdd($"{wrong} of {drawn.Method} {drawn.Url.Split('?')[0]}: {Hostile.Start(body)}", $"{drawn}");
        }
    }

    /// <summary>A month that is closed, so that there are invoices and settlements to ask for.</summary>
    private static async Task<Serving> Closed()
    {
        var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        return serving;
    }

    private static async Task<IReadOnlyDictionary<string, HttpClient>> People(Serving serving)
    {
        var people = new Dictionary<string, HttpClient>(StringComparer.Ordinal)
        {
            ["stranger"] = serving.Anonymous(),
            ["usage"] = await serving.WithKey(KeyScope.Usage, Serving.Nerc),
            ["prices"] = await serving.WithKey(KeyScope.Prices, Serving.Nerc),
            ["read"] = await serving.WithKey(KeyScope.Read, null),
            ["finance key"] = await serving.WithKey(KeyScope.Finance, null),
            ["read nerc"] = await serving.WithKey(KeyScope.Read, Serving.Nerc),
            ["read other"] = await serving.WithKey(KeyScope.Read, Serving.Other),
            ["other"] = await serving.As("other"),
        };
        foreach (var person in Persons)
        {
            people[person] = await serving.As(person);
        }

        return people;
    }

    /// <summary>Null while too many drawn sign-ins have failed from here.</summary>
    private static async Task<IReadOnlyDictionary<string, HttpClient>?> Again(Serving serving)
    {
        try
        {
            return await People(serving);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task ReadTokens(IReadOnlyDictionary<string, HttpClient> people, DrawnRequests drawn)
    {
        foreach (var (who, page) in ((string, string)[])[
            ("ada", "/pi/budget"), ("finance", "/finance/close?month=2026-11"), ("nerc", "/landlord/keys"),
            ("operator", "/jobs/rating"), ("subsidy", "/subsidy")])
        {
            using var answer = await people[who].GetAsync(new Uri(page, UriKind.Relative), Serving.Ct);
            if (Field().Match(await answer.Content.ReadAsStringAsync(Serving.Ct)) is { Success: true } field)
            {
                drawn.Tokens[who] = Uri.EscapeDataString(WebUtility.HtmlDecode(field.Groups[1].Value));
            }
        }

        Assert.True(drawn.Tokens.Count >= 4, $"Only of {string.Join(", ", drawn.Tokens.Keys)} a form was found.");
    }

    private static IEnumerable<RouteEndpoint> Routes(Serving serving) =>
        ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial Regex Field();

    [GeneratedRegex("name=\"form-token\" value=\"[^\"]*\"")]
    private static partial Regex Token();

    /// <summary>A ticket is sealed anew each time, and the same for what is there and what is not.</summary>
    [GeneratedRegex("/panel/[\\w-]+|\"until\":\"[^\"]*\"")]
    private static partial Regex Sealed();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    /// <summary>What is logged as a fault of ours.</summary>
    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        private string? _last;

        public string? Take() => Interlocked.Exchange(ref _last, null);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                _last = $"{formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}".ReplaceLineEndings(" ");
            }
        }

        public void Dispose()
        {
        }
    }
}
