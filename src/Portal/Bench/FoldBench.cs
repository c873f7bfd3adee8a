using System.Diagnostics;
using Exchange.Metering;
using Exchange.Metering.Bench;

namespace Exchange.Portal.Bench;

/// <summary>How many readings a second become segments, from blocks that are stored; no HTTP.</summary>
internal static class FoldBench
{
    public static async Task<MeterResult> Run(Composition exchange, int readings, int vms, CancellationToken ct)
    {
        var load = new UsageLoad(vms);
        var before = await MeterResult.Stored(exchange.Database, ct);
        await exchange.Meter.Ingest(Enumerable.Range(0, readings).Select(i => (Collected)load.Reading(i)), ct);
        var ceiling = await CopyCeiling.Store(exchange.Database, readings, ct);

        var start = Stopwatch.GetTimestamp();
        await exchange.Meter.Fold(ct);
        var took = Stopwatch.GetElapsedTime(start);
        var stored = await MeterResult.Stored(exchange.Database, ct) - before;
        return MeterResult.Of(
            $"{readings} readings of {vms} VMs folded", readings, took, readings / (decimal)ceiling.TotalSeconds,
            stored / (decimal)readings, []);
    }
}
