using System.Diagnostics;
using Exchange.Metering;
using Exchange.Metering.Bench;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>How long a cloud's hours take, one after the other: every VM reports, and it is folded.</summary>
internal static class HoursBench
{
    /// <summary>What was measured of each hour, and the most memory so far.</summary>
    public sealed record Hour(decimal Seconds, decimal Folding, decimal MicrosecondsAVm, long PeakMib);

    /// <summary>All that was measured.</summary>
    public sealed record Result(string Work, IReadOnlyList<Hour> Hours, decimal BytesPerReading);

    public static async Task<Result> Run(
        Composition exchange, IngestBench.Options options, int hours, CancellationToken ct)
    {
        var load = new UsageLoad(options.Vms);
        var (server, clients) = await IngestBench.Warm(exchange, options, ct);
        await using var _ = server;
        var before = await MeterResult.Stored(exchange.Database, ct);
        var took = new List<Hour>();
        for (var hour = 0; hour < hours; hour++)
        {
            var start = Stopwatch.GetTimestamp();
            await clients.Send(load, options with { First = hour * options.Vms }, start, ct);
            var sent = Stopwatch.GetElapsedTime(start);
            await exchange.Meter.Fold(ct);
            var all = Stopwatch.GetElapsedTime(start);
            took.Add(new(
                Cut(all.TotalSeconds), Cut((all - sent).TotalSeconds), Cut(all.TotalMicroseconds / options.Vms),
                PeakMemory.Mib()));
        }

        var stored = await MeterResult.Stored(exchange.Database, ct) - before;
        await Check(exchange.Meter, options.Vms, hours, ct);
        await server.StopAsync(ct);
        return new(
            $"{options.Vms} VMs in a hundred regions report {hours} hours, by {options.Clients} clients in " +
            $"batches of {options.Batch}",
            took, decimal.Round((decimal)stored / hours / options.Vms, 1, MidpointRounding.ToZero));
    }

    /// <summary>A measurement of a wrong result is none.</summary>
    private static async Task Check(Meter meter, int vms, int hours, CancellationToken ct)
    {
        var (segments, wrong) = (0, 0);
        var all = new Period(UsageLoad.Start, UsageLoad.Start + Duration.FromHours(hours));
        await meter.Read(new(all), byName: false, segment =>
        {
            segments++;
            wrong += segment.Period == all ? 0 : 1;
        }, _ => { }, ct);
        if ((segments, wrong) != (vms, 0))
        {
            throw new InvalidOperationException($"Of {vms} VMs came {segments} segments, {wrong} of another length.");
        }
    }

    private static decimal Cut(double number) => decimal.Round((decimal)number, 3, MidpointRounding.ToZero);
}
