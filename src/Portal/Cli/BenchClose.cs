using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench close — how long it takes to close a month, with every PDF and export.</summary>
internal static class BenchClose
{
    public static Command Close()
    {
        var projects = Bench.Number("--projects", 10_000, "How many projects the month has.");
        var months = Bench.Number(
            "--months", 1, "How many months are closed one after the other; of more than one the last is measured.");
        return new Command("close", "A month from its segments to invoices, PDFs and exports.")
        {
            projects, months,
        }.Does(
            (verb, ct) => Bench.Alone(verb, async exchange =>
            {
                if (verb.Get(months) > 1)
                {
                    return Answer(await verb.Terminal.Progress("Measuring …", step => MonthsBench.Run(
                        exchange, verb.Get(months), verb.Get(projects), step, ct)));
                }

                var directory = Directory.CreateTempSubdirectory("exchange-bench-");
                try
                {
                    return Answer(await verb.Terminal.Progress("Measuring …", _ => CloseBench.Run(
                        exchange, verb.Get(projects), directory.FullName, ct)));
                }
                finally
                {
                    directory.Delete(recursive: true);
                }
            }, ct));
    }

    private static Answer Answer(MonthsBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds, result.PeakMib)
        {
            PerSecond = result.PerSecond,
            Ratio = result.Ratio,
        }.With(new()
        {
            ["charges"] = result.Charges,
            ["closes"] = new JsonArray([.. result.Closes.Select(seconds => (JsonNode?)seconds)]),
            ["cpu_seconds"] = new JsonArray([.. result.Cpu.Select(seconds => (JsonNode?)seconds)]),
            ["cpu_ratio"] = result.CpuRatio,
            ["peaks_mib"] = new JsonArray([.. result.PeaksMib.Select(peak => (JsonNode?)peak)]),
            ["open"] = new JsonObject(result.Open.Select(one => KeyValuePair.Create(
                one.What, (JsonNode?)new JsonObject { ["seconds"] = one.Seconds, ["more_mib"] = one.Mib }))),
        }),
        terminal =>
        {
            terminal.Say(result.Work);
            terminal.Table(["close", "seconds", "CPU s", "peak MiB"], result.Closes.Select((seconds, n) =>
                (IReadOnlyList<string>)[
                    $"{n + 1}", $"{seconds}", $"{result.Cpu[n]}", $"{result.PeaksMib[n]}"]));
            var second = Math.Min(1, result.Cpu.Count - 1);
            terminal.Say(
                $"Month {second + 1}: {result.Cpu[second]} s of the processors, {result.PeaksMib[second]} MiB. " +
                $"Month {result.Cpu.Count}: {result.Cpu[^1]} s, {result.PeaksMib[^1]} MiB. The last took " +
                $"{result.CpuRatio} of it by the processors, {result.Ratio} by the clock.");
            terminal.Table(["of the open month", "seconds", "more MiB"], result.Open.Select(one =>
                (IReadOnlyList<string>)[one.What, $"{one.Seconds}", $"{one.Mib}"]));
        });

    private static Answer Answer(CloseBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds, result.PeakMib)
        {
            PerSecond = result.PerSecond,
        }.With(new()
        {
            ["lines"] = result.Lines,
            ["invoices"] = result.Invoices,
            ["total"] = result.Total.ToString(),
            ["steps"] = new JsonObject(
                result.Steps.Select(step => KeyValuePair.Create(step.Key, (JsonNode?)step.Value.Seconds))),
            ["cpu_seconds"] = new JsonObject(
                result.Steps.Select(step => KeyValuePair.Create(step.Key, (JsonNode?)step.Value.CpuSeconds))),
            ["memory_mib"] = new JsonObject(result.Steps.Select(step => KeyValuePair.Create(
                step.Key, (JsonNode?)new JsonObject
                {
                    ["peak"] = step.Value.PeakMib,
                    ["resident"] = step.Value.Highest.ResidentMib,
                    ["committed"] = step.Value.Highest.CommittedMib,
                    ["objects"] = step.Value.Highest.ObjectsMib,
                }))),
        }),
        terminal =>
        {
            terminal.Say(result.Work);
            terminal.Table(
                ["seconds", "lines/s", "peak MiB", "lines", "invoices", "total"],
                [[$"{result.Seconds}", $"{result.PerSecond}", $"{result.PeakMib}", $"{result.Lines}",
                    $"{result.Invoices}", result.Total.ToString()]]);
            terminal.Say();
            terminal.Table(["step", "seconds", "CPU s", "peak MiB"], result.Steps.Select(
                step => (IReadOnlyList<string>)[
                    step.Key, $"{step.Value.Seconds}", $"{step.Value.CpuSeconds}", $"{step.Value.PeakMib}"]));
        });
}
