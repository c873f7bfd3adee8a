using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench queries — how long questions to a large meter take.</summary>
internal static class BenchQueries
{
    public static Command Command()
    {
        var readings = BenchMeter.Number("--readings", 20_000_000, "How many readings are stored before.");
        var vms = BenchMeter.Number("--vms", 20_000, "Of how many VMs, each reporting once an hour; 5,000 or more.");
        var requests = BenchMeter.Number("--requests", 100, "How often each question is asked.");
        return new Command("queries", "Usage of a resource up to a landlord, and the readings behind it.")
        {
            readings, vms, requests,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange =>
        {
            var options = new QueryBench.Options(verb.Get(readings), verb.Get(vms), verb.Get(requests));
            return Answer(await verb.Terminal.Progress("Storing …", _ => QueryBench.Run(exchange, options, ct)));
        }, ct));
    }

    private static Answer Answer(QueryBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds.Sum(), result.PeakMib).With(new()
        {
            ["seconds_by_quarter"] = new JsonArray([.. result.Seconds.Select(s => (JsonNode?)s)]),
            ["rows"] = Of(result, q => q.Rows),
            ["p50_ms"] = Of(result, q => q.P50Ms),
            ["p99_ms"] = Of(result, q => q.P99Ms),
        }),
        terminal =>
        {
            terminal.Say($"{result.Work}, stored in {result.Seconds.Sum()} s, the quarters in " +
                $"{string.Join(", ", result.Seconds)} s. Peak: {result.PeakMib} MiB.");
            terminal.Table(["question", "rows", "p50 ms", "p99 ms"], result.Questions.Select(q =>
                (IReadOnlyList<string>)[q.Name, $"{q.Rows}", $"{q.P50Ms}", $"{q.P99Ms}"]));
        });

    private static JsonObject Of(QueryBench.Result result, Func<QueryBench.Question, JsonNode> value) =>
        new(result.Questions.Select(q => KeyValuePair.Create(q.Name, (JsonNode?)value(q))));
}
