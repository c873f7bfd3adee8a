using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Journal;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench page — measures with a load and a database of its own, and leaves nothing behind.</summary>
internal static class Bench
{
    public static Command Command() => new("bench", "Measures how fast this machine does the work.")
    {
        BenchMeter.Ingest(), BenchMeter.Hours(), BenchMeter.Fold(), BenchQueries.Command(), BenchRate.Rate(),
        BenchClose.Close(), BenchExport.Command(), Page(), BenchQuote.Command(), BenchSoak.Command(),
    };

    private static Command Page()
    {
        var charges = Number("--charges", 1_000_000, "How many charges the month has.");
        var requests = Number("--requests", 300, "How often each page is asked for.");
        return new Command("page", "The first page of every role, with a million charges.") { charges, requests }.Does(
            (verb, ct) => Alone(verb, async exchange =>
            {
                var result = await verb.Terminal.Progress("Making the load …", step =>
                    PageBench.Run(exchange, verb.Get(charges), verb.Get(requests), step, ct));
                return new(Document(result), terminal =>
                {
                    terminal.Say($"{result.Work}. Style sheet and pictures: {Number(result.AssetsKib)} KiB.");
                    terminal.Table(["page", "p50 ms", "p99 ms", "KiB"],
                        result.Pages.Select(p => (IReadOnlyList<string>)[
                        p.Key, Number(p.Value.P50Ms), Number(p.Value.P99Ms), Number(p.Value.HtmlKib)]));
                });
            }, ct));
    }

    private static JsonObject Document(PageBench.Result result) => new BenchFigures(
        result.Work, result.Seconds, result.PeakMib)
    {
        PerSecond = result.PerSecond,
    }.With(new()
    {
        ["p50_ms"] = new JsonObject(result.Pages.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.P50Ms))),
        ["p99_ms"] = new JsonObject(result.Pages.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.P99Ms))),
        ["assets_kib"] = result.AssetsKib,
        ["html_kib"] = new JsonObject(result.Pages.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.HtmlKib))),
    });

    private static string Number(decimal number) => Exchange.Text.Of(number);

    /// <summary>Runs over a new embedded database in a directory of its own that is gone afterwards.</summary>
    public static async Task<Answer> Alone(Verb verb, Func<Composition, Task<Answer>> work, CancellationToken ct)
    {
        var directory = Directory.CreateTempSubdirectory("exchange-bench-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        try
        {
            await using var exchange = await Composition.Open(new(directory), verb.Clock, ct);
            return await work(exchange);
        }
        finally
        {
            await EmbeddedPostgres.Stop(directory, CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    public static Option<int> Number(string name, int usual, string what) =>
        new(name) { Description = what, HelpName = "N", DefaultValueFactory = _ => usual };
}
