using System.Diagnostics;
using System.Globalization;
using Exchange.Metering;
using Exchange.Metering.Bench;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// How long it takes to store so many readings, quarter by quarter, and then to answer questions about them, one after
/// the other, each drawn anew.
/// </summary>
internal static class QueryBench
{
    private const int ReadingsAPart = 81_920;
    private const int Regions = 100;
    private const int VmsAProject = 50;

    /// <param name="Readings">How many readings are stored before: whole hours of all VMs.</param>
    /// <param name="Requests">How often each question is asked; the largest a tenth as often.</param>
    public sealed record Options(int Readings, int Vms, int Requests, int Seed = 1);

    /// <summary>How long a question took, and how many rows each answer had.</summary>
    public sealed record Question(string Name, int Rows, decimal P50Ms, decimal P99Ms);

    /// <summary>All that was measured.</summary>
    /// <param name="Seconds">How long each quarter of the readings took to be stored, and to be folded.</param>
    public sealed record Result(
        string Work, IReadOnlyList<decimal> Seconds, long PeakMib, IReadOnlyList<Question> Questions);

    public static async Task<Result> Run(Composition exchange, Options options, CancellationToken ct)
    {
        var load = new UsageLoad(options.Vms);
        var hours = Math.Max(1, options.Readings / options.Vms);
        var took = new List<decimal>();
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var start = Stopwatch.GetTimestamp();
            await Store(
                exchange.Meter, load, hours * quarter / 4 * options.Vms, hours * (quarter + 1) / 4 * options.Vms, ct);
            await exchange.Meter.Fold(ct);
            took.Add(decimal.Round(
                (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds, 1, MidpointRounding.ToZero));
        }

        var asked = new Asked(exchange.Meter, load, Math.Min(hours, 720), new(options.Seed), ct);
        var few = Math.Max(3, options.Requests / 10);
        List<Question> questions =
        [
            await asked.Usage("usage of a resource, a month", options.Requests, 1, vm => new(asked.Month)
            {
                Resource = load.Reading(vm).Resource,
            }),
            await asked.Usage("usage of a project, a month", options.Requests, VmsAProject, vm => new(asked.Month)
            {
                Project = load.Reading(vm).Project,
            }),
            await asked.Usage(
                "usage of a cluster, a month", options.Requests, options.Vms / Regions, vm => new(asked.Month)
                {
                    Cluster = load.Reading(vm).Resource.Cluster,
                }),
            await asked.Usage("usage of the landlord, a month", few, options.Vms, _ => new(asked.Month)
            {
                Landlord = UsageLoad.Landlord,
            }),
            await asked.Behind("readings behind a day of a resource", options.Requests, 24),
            await asked.Behind("readings behind a month of a resource", few, 720),
        ];
        return new(
            string.Create(CultureInfo.InvariantCulture,
                $"{hours * options.Vms} readings of {options.Vms} VMs in {hours} hours"),
            took, PeakMemory.Mib(), questions);
    }

    /// <summary>Stores the load in the order of time, on every core.</summary>
    private static async Task Store(Meter meter, UsageLoad load, int first, int readings, CancellationToken ct)
    {
        var next = first;
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(async () =>
        {
            int end;
            while ((end = Interlocked.Add(ref next, ReadingsAPart)) < readings + ReadingsAPart)
            {
                await using var events = new LoadStream(load, end - ReadingsAPart, Math.Min(end, readings));
                await meter.IngestCloudEvents(events, "load", ct);
            }
        }, ct)));
    }

    /// <summary>Asks, and compares how many rows come with how many there are.</summary>
    private sealed class Asked(Meter meter, UsageLoad load, int hours, Random random, CancellationToken ct)
    {
        public Period Month { get; } = new(UsageLoad.Start, UsageLoad.Start + Duration.FromHours(hours));

        public Task<Question> Usage(string name, int requests, int rows, Func<int, UsageQuery> query) =>
            Ask(name, requests, rows, async () =>
            {
                var found = 0;
                await foreach (var segment in meter.Segments(query(random.Next(load.Vms)), ct))
                {
                    found += segment.Period == Month ? 1 : 0;
                }

                return found;
            });

        public Task<Question> Behind(string name, int requests, int most)
        {
            var asked = Math.Min(most, hours);
            return Ask(name, requests, asked, async () =>
            {
                // A microsecond less on either side: readings that only touch the time are told, too.
                var from = UsageLoad.Start + Duration.FromHours(random.Next(hours - asked + 1));
                var period = new Period(
                    from + Duration.FromTicks(10), from + Duration.FromHours(asked) - Duration.FromTicks(10));
                return (await meter.ReadingsBehind(load.Reading(random.Next(load.Vms)).Resource, period, ct)).Count;
            });
        }

        private static async Task<Question> Ask(string name, int requests, int rows, Func<Task<int>> ask)
        {
            var milliseconds = new List<decimal>();
            for (var i = -2; i < requests; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var found = await ask();
                if (found != rows)
                {
                    throw new InvalidOperationException($"{name}: {found} rows came, and there are {rows}.");
                }

                if (i >= 0) // The first two are compiled and planned.
                {
                    milliseconds.Add((decimal)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }

            milliseconds.Sort();
            return new(name, rows, At(50), At(99));

            decimal At(int percent) => decimal.Round(
                milliseconds[milliseconds.Count * percent / 100], 2, MidpointRounding.ToZero);
        }
    }
}
