using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench export — how fast a large month is written by each export, and in how much memory.</summary>
internal static class BenchExport
{
    public static Command Command()
    {
        var charges = Bench.Number("--charges", 1_000_000, "How many charges the month has.");
        return new Command("export", "Every export of a closed month, one after the other.") { charges }.Does(
            (verb, ct) => Bench.Alone(verb, async exchange =>
            {
                var directory = Directory.CreateTempSubdirectory("exchange-bench-");
                try
                {
                    return Answer(await verb.Terminal.Progress("Measuring …", step => ExportBench.Run(
                        exchange, verb.Get(charges), directory.FullName, step, ct)));
                }
                finally
                {
                    directory.Delete(recursive: true);
                }
            }, ct));
    }

    private static Answer Answer(ExportBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds, result.PeakMib)
        {
            PerSecond = result.PerSecond,
            CeilingPerSecond = result.CeilingPerSecond,
            Ratio = result.Ratio,
        }.With(new()
        {
            ["exports"] = new JsonObject(result.Exports.Select(one => KeyValuePair.Create(
                one.Name, (JsonNode?)new JsonObject
                {
                    ["rows"] = one.Rows,
                    ["seconds"] = one.Seconds,
                    ["mib"] = one.Mib,
                    ["mib_per_second"] = one.MibPerSecond,
                    ["peak_mib"] = one.PeakMib,
                    ["ratio"] = one.Ratio,
                }))),
        }),
        terminal =>
        {
            terminal.Say($"{result.Work}. The database hands out {result.CeilingPerSecond} lines a second as text.");
            terminal.Table(
                ["export", "rows", "seconds", "MiB", "MiB/s", "peak MiB", "ratio"],
                result.Exports.Select(one => (IReadOnlyList<string>)[
                    one.Name, $"{one.Rows}", $"{one.Seconds}", $"{one.Mib}", $"{one.MibPerSecond}", $"{one.PeakMib}",
                    one.Ratio is { } ratio ? $"{ratio}" : "–"]));
        });
}
