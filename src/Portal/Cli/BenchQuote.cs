using System.CommandLine;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench quote — how fast plans are priced at many landlords, and a month at another.</summary>
internal static class BenchQuote
{
    public static Command Command()
    {
        var landlords = Bench.Number("--landlords", 50, "How many landlords sell.");
        var skus = Bench.Number("--skus", 5_000, "How many SKUs they have together.");
        var items = Bench.Number("--items", 20, "How many items a plan has.");
        var requests = Bench.Number("--requests", 300, "How many plans are quoted.");
        var segments = Bench.Number(
            "--segments", 3_000_000, "Of how many segments the month is that is priced elsewhere; 0 for none.");
        return new Command("quote", "The best mix of plans over many landlords, and a month priced elsewhere.")
        {
            landlords, skus, items, requests, segments,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange => Answer(await verb.Terminal.Progress(
            "Measuring …", step => QuoteBench.Run(
                exchange, new(verb.Get(landlords), verb.Get(skus), verb.Get(items)),
                (verb.Get(requests), verb.Get(segments), 20_000),
                $"{verb.Get(requests)} plans of {verb.Get(items)} items at {verb.Get(landlords)} landlords with " +
                $"{verb.Get(skus)} SKUs", step, ct))), ct));
    }

    private static Answer Answer(QuoteBench.Result result) => new(
        new BenchFigures(result.Work, result.Seconds, result.PeakMib)
        {
            PerSecond = result.PerSecond,
        }.With(new()
        {
            ["p50_ms"] = result.P50Ms,
            ["p99_ms"] = result.P99Ms,
            ["without_http_p50_ms"] = result.WorkMs.P50,
            ["without_http_p99_ms"] = result.WorkMs.P99,
            ["cpu_ms"] = result.CpuMs,
            ["places_of_a_mix"] = result.Places,
            ["elsewhere_segments"] = result.Elsewhere?.Segments,
            ["elsewhere_rating_seconds"] = result.Elsewhere?.RatingSeconds,
            ["elsewhere_seconds"] = result.Elsewhere?.ElsewhereSeconds,
            ["elsewhere_ratio"] = result.Elsewhere?.Ratio,
            ["elsewhere_cpu_ratio"] = result.Elsewhere?.CpuRatio,
        }),
        terminal =>
        {
            terminal.Say($"{result.Work}, mixed of {result.Places} places.");
            terminal.Table(
                ["p50 ms", "p99 ms", "p50 without HTTP", "p99 without HTTP", "CPU ms", "quotes/s", "peak MiB"],
                [[$"{result.P50Ms}", $"{result.P99Ms}", $"{result.WorkMs.P50}", $"{result.WorkMs.P99}",
                    $"{result.CpuMs}", $"{result.PerSecond}", $"{result.PeakMib}"]]);
            if (result.Elsewhere is { } of)
            {
                terminal.Say($"A month of {of.Segments} segments: rated in {of.RatingSeconds} s, priced here and " +
                    $"elsewhere in {of.ElsewhereSeconds} s, {of.Ratio} of rating " +
                    $"({of.CpuRatio} of its processor time).");
            }
        });
}
