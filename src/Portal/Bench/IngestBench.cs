using System.Diagnostics;
using Exchange.Metering;
using Exchange.Metering.Bench;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>How many readings a second are taken over HTTP: durable, each once, and folded at the end.</summary>
internal static class IngestBench
{
    /// <summary>So many readings of earlier hours are sent before: a server that has just started compiles.</summary>
    private const int WarmUp = 200_000;

    private const int WarmUpVms = 5_000;

    /// <param name="Readings">How many distinct readings are sent.</param>
    /// <param name="Duplicates">Which part of them is sent twice, the second time some batches later.</param>
    /// <param name="Vms">How many VMs report; each reports once an hour.</param>
    /// <param name="Rate">So many readings a second at most, or 0 for as many as can be.</param>
    public sealed record Options(int Readings, int Clients, decimal Duplicates, int Vms, int Batch, int Rate)
    {
        /// <summary>The number of the first reading that is sent.</summary>
        public int First { get; init; }

        /// <summary>Whether ids name the VM and the hour.</summary>
        public bool DerivedIds { get; init; }
    }

    public static async Task<MeterResult> Run(Composition exchange, Options options, CancellationToken ct)
    {
        var load = new UsageLoad(options.Vms, DerivedIds: options.DerivedIds);
        var (server, clients) = await Warm(exchange, options, ct);
        await using var _ = server;
        var before = await MeterResult.Stored(exchange.Database, ct);
        var ceiling = await CopyCeiling.Store(exchange.Database, options.Readings / 2, ct);

        var cpu = await CpuTime.Now(exchange.Database, ct);
        var start = Stopwatch.GetTimestamp();
        var sending = await clients.Send(load, options, start, ct);
        await exchange.Meter.Fold(ct);
        var took = Stopwatch.GetElapsedTime(start);
        cpu = await CpuTime.Now(exchange.Database, ct) - cpu;

        ceiling += await CopyCeiling.Store(exchange.Database, options.Readings - (options.Readings / 2), ct);
        var outcome = sending.Aggregate(new IngestOutcome(0, 0, 0), (sum, c) => sum + c.Outcome);
        var sent = sending.Sum(c => c.Sent);
        await Check(exchange.Meter, options, outcome, sent, ct);
        await server.StopAsync(ct);
        var stored = await MeterResult.Stored(exchange.Database, ct) - before;
        return MeterResult.Of(
            $"{options.Readings} distinct readings of {options.Vms} VMs, {sent} sent by {options.Clients} clients in " +
            $"batches of {options.Batch}{(options.DerivedIds ? ", ids of their time" : "")}; filters in memory " +
            $"{decimal.Round(exchange.Meter.FilterBytes / 1048576m, 1, MidpointRounding.ToEven)} MiB",
            sent, took, options.Readings / (decimal)ceiling.TotalSeconds, stored / (decimal)options.Readings,
            [.. sending.SelectMany(c => c.Milliseconds)]).With(cpu, sent);
    }

    /// <summary>
    /// A server that has taken readings already, of VMs that report no more: what is measured brings its own names.
    /// </summary>
    public static async Task<(WebApplication Server, UsageClients Clients)> Warm(
        Composition exchange, Options options, CancellationToken ct)
    {
        var made = await exchange.Commands.Execute(
            new CreateKey("bench", UsageLoad.Landlord, KeyScope.Usage, "bench"), Actors.Local("bench"), ct);
        var server = Server.Build(exchange, new(["http://127.0.0.1:0"]));
        await server.StartAsync(ct);
        var clients = new UsageClients(new(new Uri(server.Urls.First()), "/v1/usage"), made.Key);
        var earlier = new UsageLoad(WarmUpVms, (WarmUp / WarmUpVms) + 1, Seed: 8);
        await clients.Send(earlier, options with { Readings = WarmUp, Duplicates = 0, Rate = 0, First = 0 }, 0, ct);
        await exchange.Meter.Fold(ct);
        return (server, clients);
    }

    /// <summary>A measurement of a wrong result is none.</summary>
    private static async Task Check(
        Meter meter, Options options, IngestOutcome outcome, long sent, CancellationToken ct)
    {
        var hours = Duration.Zero;
        var all = new Period(UsageLoad.Start, UsageLoad.Start + Duration.FromDays(120));
        await meter.Read(new(all), byName: false, segment => hours += segment.Period.Length, _ => { }, ct);

        if (outcome != new IngestOutcome(options.Readings, sent - options.Readings, 0) ||
            hours != Duration.FromHours(options.Readings))
        {
            throw new InvalidOperationException($"Of {options.Readings} readings came {outcome} and {hours}.");
        }
    }
}
