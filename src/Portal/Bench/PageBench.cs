using System.Diagnostics;
using System.Text.RegularExpressions;
using Exchange.Journal;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>How fast each first page is when the month has a million charges.</summary>
internal static partial class PageBench
{
    private const int ChargesOfOnePi = 100;
    private static readonly BillingMonth Month = new(2026, 10);
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 28, 12, 0);

    /// <summary>What was measured of one page.</summary>
    public sealed record OfPage(decimal P50Ms, decimal P99Ms, decimal HtmlKib);

    /// <summary>What was measured.</summary>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, long PeakMib, IReadOnlyDictionary<string, OfPage> Pages);

    public static async Task<Result> Run(Composition exchange, int charges, int requests, CancellationToken ct)
    {
        var pis = Math.Max(charges / ChargesOfOnePi, 1);
        await WriteMonth.Run(exchange.Database, Month, Many(charges), Days(pis), false, 0, "", Now, ct);
        await exchange.Database.Execute("vacuum analyze exchange.charge, exchange.day", [], ct);

        var personas = Enumerable.Range(0, 20).Select(i => new Persona($"pi{i}", "", new Viewer(
            $"person:pi{i}", $"PI {i}", Role.Pi, Pi: PiOf(i * (pis / 20))))).ToList();
        personas.Add(new("landlord", "", new("person:landlord", "Landlord", Role.Landlord, Landlord: new("nerc"))));
        personas.Add(new("finance", "", new("person:finance", "Finance", Role.Finance)));
        personas.Add(new("operator", "", new("person:operator", "Operator", Role.Operator)));
        personas.Add(new("subsidy", "", new("person:subsidy", "Subsidy", Role.Subsidy, Payer: "bu")));
        await using var server = Server.Build(exchange, new(["http://127.0.0.1:0"]) { Personas = personas });
        await server.StartAsync(ct);

        var start = Stopwatch.GetTimestamp();
        var pages = new Dictionary<string, OfPage>();
        foreach (var role in personas.GroupBy(p => p.Viewer.Role).Where(r => r.Key is Role.Pi or Role.Landlord))
        {
            var path = Places.Of(role.Key)[0].Path;
            pages[path] = await Measure(new Uri(server.Urls.First()), path, [.. role], requests, ct);
        }

        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        await server.StopAsync(ct);
        using var process = Process.GetCurrentProcess();
        return new(
            $"{requests} requests for each first page, with {charges} charges", Cut(seconds),
            Cut(pages.Count * requests / seconds), process.PeakWorkingSet64 >> 20, pages);
    }

    private static async Task<OfPage> Measure(
        Uri server, string path, IReadOnlyList<Persona> people, int requests, CancellationToken ct)
    {
        var clients = new List<HttpClient>();
        foreach (var person in people)
        {
            clients.Add(await SignIn(server, person, ct));
        }

        var times = new List<decimal>();
        var largest = 0;
        for (var i = -20; i < requests; i++)
        {
            var client = clients[(i + 20) % clients.Count];
            var start = Stopwatch.GetTimestamp();
            var page = await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), ct);
            if (i >= 0)
            {
                times.Add((decimal)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            largest = Math.Max(largest, page.Length);
        }

        clients.ForEach(c => c.Dispose());
        times.Sort();
        return new(Cut(times[times.Count / 2]), Cut(times[times.Count * 99 / 100]), Cut(largest / 1024m));
    }

    /// <summary>Signs in as a browser does: loads the page, sends its form back with its token.</summary>
    public static async Task<HttpClient> SignIn(Uri server, Persona person, CancellationToken ct)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server };
        var page = await client.GetStringAsync(new Uri("/sign-in", UriKind.Relative), ct);
        var token = Token().Match(page).Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["form-token"] = token, ["persona"] = person.Id });
        using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, ct);
        return answer.StatusCode == System.Net.HttpStatusCode.Redirect
            ? client
            : throw new InvalidOperationException($"Signing in as {person.Id} was answered {answer.StatusCode}.");
    }

    private static IEnumerable<ShownCharge> Many(int charges)
    {
        for (var i = 0; i < charges; i++)
        {
            var landlord = (i % 3) switch { 0 => "nerc", 1 => "second", _ => "third" };
            var sku = i % 40;
            var cluster = new ClusterId($"cluster-{i % 4}");
            var project = new ProjectId($"project-{i / 20:000000}");
            var quantity = new Quantity((i % 997) + 1, new("SU-hour"));
            var rate = new Rate(0.013m, quantity.Unit);
            yield return new()
            {
                Month = Month,
                Id = $"{Month}:{landlord}:{cluster}:{project}:{sku}:{i}",
                Landlord = new(landlord),
                Service = $"{landlord} service {sku % 3}",
                Cluster = cluster,
                Project = project,
                ProjectName = $"group {i / 20}",
                Pi = PiOf(i / ChargesOfOnePi),
                Institution = "An Institute",
                Sku = new($"SKU {sku}"),
                Quantity = quantity,
                Rate = rate,
                Amount = Money.Round(rate.Of(quantity)),
                Sheet = "nerc/openstack/2026-01-01#1",
                Period = Month.Period,
            };
        }
    }

    private static IEnumerable<DaySpend> Days(int pis) =>
        from pi in Enumerable.Range(0, pis)
        from landlord in (string[])["nerc", "second", "third"]
        from day in Enumerable.Range(1, 28)
        select new DaySpend(
            new(2026, 10, day), new(landlord), $"{landlord} service {pi % 3}", PiOf(pi), new((pi + day) % 500));

    private static PiId PiOf(int i) => new($"pi-{i:000000}@example.edu");

    private static decimal Cut(decimal number) => decimal.Round(number, 2, MidpointRounding.ToZero);

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
