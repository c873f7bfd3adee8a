using System.CommandLine;
using Exchange.Portal.Bench;
using Exchange.Rating.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench rate — how fast a month becomes charges.</summary>
internal static class BenchRate
{
    public static Command Rate()
    {
        var segments = Bench.Number("--segments", 3_000_000, "How many segments the month has, three for each VM.");
        var projects = Bench.Number("--projects", 20_000, "How many projects used them.");
        var changed = new Option<decimal>("--changed")
        {
            Description = "After that: the share of pages that change before the month is known again, as 0.01.",
            HelpName = "SHARE",
        };
        var together = new Option<bool>("--together")
        {
            Description = "The VMs of a project are made one after the other, not spread over all.",
        };
        return new Command("rate", "A month with tiers and a price change, from the meter to charges.")
        {
            segments, projects, changed, together,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange => Answer(
            await verb.Terminal.Progress("Measuring …", _ => RateBench.Run(
                exchange.Meter, exchange.Database, verb.Get(segments), verb.Get(projects), verb.Get(changed),
                verb.Get(together), ct))), ct));
    }

    private static Answer Answer(RateBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds, result.PeakMib)
        {
            PerSecond = result.PerSecond,
            CeilingPerSecond = result.CeilingPerSecond,
            Ratio = result.Ratio,
        }.With(new()
        {
            ["charges"] = result.Charges,
            ["total"] = result.Total.ToString(),
            ["changed_pages"] = result.Changed?.Pages,
            ["changed_first_seconds"] = result.Changed?.First,
            ["changed_seconds"] = result.Changed?.Seconds,
            ["changed_nothing_seconds"] = result.Changed?.Nothing,
            ["changed_ratio"] = result.Changed?.Ratio,
            ["changed_peak_mib"] = result.Changed?.PeakMib,
        }),
        terminal =>
        {
            terminal.Say(result.Work);
            terminal.Table(
                ["seconds", "segments/s", "ceiling/s", "ratio", "peak MiB", "charges", "total"],
                [[$"{result.Seconds}", $"{result.PerSecond}", $"{result.CeilingPerSecond}", $"{result.Ratio}",
                    $"{result.PeakMib}", $"{result.Charges}", result.Total.ToString()]]);
            if (result.Changed is { } of)
            {
                terminal.Table(
                    ["changed pages", "first s", "again s", "nothing s", "of full", "peak MiB"],
                    [[$"{of.Pages}", $"{of.First}", $"{of.Seconds}", $"{of.Nothing}", $"{of.Ratio}",
                        $"{of.PeakMib}"]]);
            }
        });
}
