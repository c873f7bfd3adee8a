using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Rating;
using Exchange.Rating.Bench;

namespace Exchange.Portal.Bench;

/// <summary>How fast a plan is priced at every landlord and mixed, over HTTP; and a month at another place.</summary>
internal static class QuoteBench
{
    private const int WarmUp = 50;
    private const int Checked = 20;

    /// <summary>What was measured.</summary>
    /// <param name="WorkMs">Without HTTP and JSON, p50 and p99.</param>
    /// <param name="CpuMs">What a quote costs of a processor without HTTP, on average.</param>
    /// <param name="Places">Over how many places the plans were mixed, on average.</param>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, long PeakMib, decimal P50Ms, decimal P99Ms,
        (decimal P50, decimal P99) WorkMs, decimal CpuMs,
        decimal Places, ElsewhereBench.Result? Elsewhere);

    public static async Task<Result> Run(
        Composition exchange, QuoteLoad load, (int Requests, int Segments, int Projects) of, string work,
        Action<string> step, CancellationToken ct)
    {
        step("Publishing price sheets …");
        var published = await PublishPrices.Run(
            exchange.Journal, [.. load.Sheets()], PricePublishContext.Nothing, "bench",
            exchange.Clock.GetCurrentInstant(), ct);
        RefusedException.ThrowIfAny(published.Refusals);
        step("Quoting …");
        var start = Stopwatch.GetTimestamp();
        var (answered, totals) = await OverHttp(exchange, load, of.Requests, ct);
        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (worked, cpu, places) = await Alone(exchange, load, totals, ct);
        var peak = PeakMemory.Mib();
        step("Pricing a month elsewhere …");
        return new(
            work, Cut(seconds), Cut(of.Requests / seconds), peak, At(answered, 50), At(answered, 99),
            (At(worked, 50), At(worked, 99)), cpu, places,
            of.Segments == 0
                ? null
                : await ElsewhereBench.Run(exchange.Meter, exchange.Database, of.Segments, of.Projects, ct));
    }

    private static async Task<(List<decimal> Ms, List<string> Totals)> OverHttp(
        Composition exchange, QuoteLoad load, int requests, CancellationToken ct)
    {
        await using var server = Server.Build(exchange, new(["http://127.0.0.1:0"]));
        await server.StartAsync(ct);
        var key = await exchange.Commands.Execute(
            new CreateKey("bench", null, KeyScope.Read, "bench"), Actors.Local("bench"), ct);
        using var client = new HttpClient { BaseAddress = new(server.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Key);
        var (times, totals) = (new List<decimal>(), new List<string>());
        for (var n = -WarmUp; n < requests; n++)
        {
            using var body = new StringContent(Body(load.Plan(n)), Encoding.UTF8, "application/json");
            var start = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsync(new Uri("/v1/quotes", UriKind.Relative), body, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            var ms = (decimal)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"A quote was answered {answer.StatusCode}: {text}");
            }

            if (n >= 0)
            {
                times.Add(ms);
                totals.Add(JsonDocument.Parse(text).RootElement.GetProperty("mix").GetProperty("total").GetString()!);
            }
        }

        await server.StopAsync(ct);
        return (times, totals);
    }

    /// <summary>The same plans without a server, and the answers checked.</summary>
    private static async Task<(List<decimal> Ms, decimal Cpu, decimal Places)> Alone(
        Composition exchange, QuoteLoad load, List<string> totals, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        var (times, places, cpu) = (new List<decimal>(), 0, TimeSpan.Zero);
        for (var n = 0; n < totals.Count; n++)
        {
            var plan = load.Plan(n);
            var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var mix = Quote.Best(books, plan, QuoteLoad.At);
            times.Add((decimal)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            cpu += Environment.CpuUsage.TotalTime - before;
            places += mix.Parts.Count;
            if (mix.Missing.Count > 0 || mix.Total.ToString() != totals[n] ||
                (n < Checked && Billed(books, mix) != mix.Total))
            {
                throw new InvalidOperationException(
                    $"Plan {n} was quoted {totals[n]}, {mix.Total} and {Billed(books, mix)}. " +
                    string.Join(' ', mix.Missing));
            }
        }

        return (times, Cut((decimal)cpu.TotalMilliseconds / totals.Count), Cut((decimal)places / totals.Count));
    }

    /// <summary>What exactly the usage of a mix is billed.</summary>
    private static Money Billed(PriceBooks books, Mix mix)
    {
        var (total, end) = (Money.Zero, QuoteLoad.At + QuoteLoad.MaxLength);
        for (var month = BillingMonth.Of(QuoteLoad.At); month.Start < end; month = month.Next)
        {
            var rater = new Rater(books, new(month));
            var place = 0;
            foreach (var (offer, usage) in mix.Parts.SelectMany(offer => offer.Usage.Select(usage => (offer, usage))))
            {
                place++;
                for (var n = 0; n < usage.Resources; n++)
                {
                    Use(rater, new(offer.Landlord, offer.Cluster, usage.Kind, $"{place}-{n}"), usage);
                }
            }

            total += rater.Finish().Total;
        }

        return total;
    }

    private static void Use(Rater rater, ResourceId resource, QuotedUsage usage)
    {
        var project = new ProjectId("bench");
        if (usage.Meter is { } meter)
        {
            rater.Add(new DailyTotal(resource, project, meter, QuoteLoad.At.InUtc().Date, usage.Quantity));
        }
        else
        {
            rater.Add(new Segment(
                resource, project, new(QuoteLoad.At, QuoteLoad.At + usage.Length), usage.State, usage.Shape));
        }
    }

    private static string Body(IReadOnlyList<QuotedUsage> plan) => new JsonObject
    {
        ["at"] = Exchange.Text.Of(QuoteLoad.At),
        ["usage"] = new JsonArray([.. plan.Select(one => (JsonNode)new JsonObject
        {
            ["kind"] = one.Kind,
            ["shape"] = new JsonObject(one.Shape.Values.Select(of => KeyValuePair.Create(of.Key, (JsonNode?)of.Value))),
            ["hours"] = one.Meter is null ? (decimal)one.Length.TotalHours : 1,
            ["count"] = one.Resources,
            ["meter"] = one.Meter,
            ["quantity"] = one.Quantity,
        })]),
    }.ToJsonString();

    private static decimal At(List<decimal> times, int percent)
    {
        times.Sort();
        return Cut(times[Math.Min(times.Count - 1, times.Count * percent / 100)]);
    }

    private static decimal Cut(decimal number) => decimal.Round(number, 2, MidpointRounding.ToZero);
}
