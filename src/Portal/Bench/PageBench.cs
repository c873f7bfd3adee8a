using System.Diagnostics;
using System.Text.RegularExpressions;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Bench;

/// <summary>How fast each first page is when the month has a million charges.</summary>
internal static partial class PageBench
{
    public const int PeopleOfOneRole = 20;

    /// <summary>Requests before those that count: a server that has just started still compiles.</summary>
    private const int WarmUp = 100;

    /// <summary>Two years of costs, a million charges a month.</summary>
    private const string Costs = "/costs?from=2024-11-01&to=2026-11-01";

    /// <summary>What was measured of one page: the slowest of its roles' people are in it.</summary>
    public sealed record OfPage(decimal P50Ms, decimal P99Ms, decimal HtmlKib);

    /// <summary>What was measured.</summary>
    /// <param name="AssetsKib">Everything that the pages load besides themselves.</param>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, long PeakMib, decimal AssetsKib,
        IReadOnlyDictionary<string, OfPage> Pages);

    public static async Task<Result> Run(
        Composition exchange, int charges, int requests, Action<string> step, CancellationToken ct)
    {
        var load = new PageLoad(charges);
        await load.Write(exchange, step, ct);
        var people = People(load);
        await using var server = Server.Build(exchange, new(["http://127.0.0.1:0"]) { Personas = people });
        await server.StartAsync(ct);

        step("Measuring …");
        var start = Stopwatch.GetTimestamp();
        var pages = new Dictionary<string, OfPage>();
        var assets = new Dictionary<string, int>();
        foreach (var role in people.GroupBy(p => p.Viewer.Role))
        {
            var path = Places.Of(role.Key)[0].Path;
            var address = new Uri(server.Urls.First());
            pages[path] = await Measure(address, path, [.. role], requests, assets, ct);
            if (Permissions.Allows(Permissions.SeeCosts, role.Key))
            {
                pages[$"/costs ({role.Key})"] = await Measure(address, Costs, [.. role], requests, assets, ct);
            }
        }

        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        await server.StopAsync(ct);
        return new(
            $"{requests} requests for each first page, with {charges} charges of {load.Pis} PIs in {load.Projects} " +
            "projects, and a month before that was closed", Cut(seconds), Cut(pages.Count * requests / seconds),
            PeakMemory.Mib(), Cut(assets.Values.Sum() / 1024m), pages);
    }

    private static List<Persona> People(PageLoad load) =>
    [
        .. Enumerable.Range(0, PeopleOfOneRole).Select(i => new Persona($"pi{i}", "", new(
            $"person:pi{i}", $"PI {i}", Role.Pi, Pi: PageLoad.PiOf(i * load.Pis / PeopleOfOneRole)))),
        new("subsidy", "", new("person:subsidy", "Subsidy", Role.Subsidy, Payer: PageLoad.Payer)),
        .. PageLoad.Landlords.Select(landlord => new Persona(
            landlord, "", new($"person:{landlord}", "Landlord", Role.Landlord, Landlord: new(landlord)))),
        new("finance", "", new("person:finance", "Finance", Role.Finance)),
        new("operator", "", new("person:operator", "Operator", Role.Operator)),
    ];

    private static async Task<OfPage> Measure(
        Uri server, string path, IReadOnlyList<Persona> people, int requests, Dictionary<string, int> assets,
        CancellationToken ct)
    {
        var clients = new List<HttpClient>();
        foreach (var person in people)
        {
            clients.Add(await SignIn(server, person, ct));
        }

        var times = new List<decimal>();
        var largest = 0;
        for (var i = -WarmUp; i < requests; i++)
        {
            var client = clients[(i + WarmUp) % clients.Count];
            var start = Stopwatch.GetTimestamp();
            var page = await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), ct);
            if (i >= 0)
            {
                times.Add((decimal)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            largest = Math.Max(largest, page.Length);
            await Load(client, page, assets, ct);
        }

        clients.ForEach(c => c.Dispose());
        times.Sort();
        return new(Cut(times[times.Count / 2]), Cut(times[times.Count * 99 / 100]), Cut(largest / 1024m));
    }

    /// <summary>Signs in as a browser does: loads the page, sends its form back with its token.</summary>
    public static async Task<HttpClient> SignIn(Uri server, Persona person, CancellationToken ct)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server,
            Timeout = TimeSpan.FromMinutes(5), // For what hangs: who asks for hundreds waits for their own turns.
        };
        var page = await client.GetStringAsync(new Uri("/sign-in", UriKind.Relative), ct);
        var token = Token().Match(page).Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["form-token"] = token, ["persona"] = person.Id });
        using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, ct);
        return answer.StatusCode == System.Net.HttpStatusCode.Redirect
            ? client
            : throw new InvalidOperationException($"Signing in as {person.Id} was answered {answer.StatusCode}.");
    }

    /// <summary>Gets what the page loads, once; a page that loads from elsewhere gives no result.</summary>
    private static async Task Load(
        HttpClient client, byte[] page, Dictionary<string, int> assets, CancellationToken ct)
    {
        foreach (Match loaded in Loaded().Matches(System.Text.Encoding.UTF8.GetString(page)))
        {
            var path = loaded.Groups[1].Value;
            if (!path.StartsWith("/assets/", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"A page loads '{path}', which is not the server's own.");
            }

            if (!assets.ContainsKey(path))
            {
                assets[path] = (await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), ct)).Length;
            }
        }
    }

    private static decimal Cut(decimal number) => decimal.Round(number, 2, MidpointRounding.ToZero);

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("(?:<link [^>]*href|<script [^>]*src|<img [^>]*src)=\"([^\"]+)\"")]
    private static partial Regex Loaded();
}
