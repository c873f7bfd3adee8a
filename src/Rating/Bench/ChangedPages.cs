using System.Diagnostics;
using System.Globalization;
using Exchange.Metering;
using NodaTime;
using Npgsql;

namespace Exchange.Rating.Bench;

/// <summary>How long it takes to know a month again of which a share of the pages changed.</summary>
public static class ChangedPages
{
    /// <summary>What was measured.</summary>
    /// <param name="First">Seconds until all pages are summed for the first time.</param>
    /// <param name="Seconds">Seconds to know the month after the change.</param>
    /// <param name="Nothing">Seconds to know it when nothing changed.</param>
    /// <param name="Ratio">To rating all of it.</param>
    public sealed record Result(
        int Pages, decimal First, decimal Seconds, decimal Nothing, decimal Ratio, long PeakMib);

    public static async Task<Result> Run(
        Meter meter, NpgsqlDataSource database, PriceBooks books, BillingMonth month, Rated rated, decimal full,
        decimal share, IEnumerable<Segment> segments, CancellationToken ct)
    {
        var (sums, owners) = (new MonthSums(meter, database), new Attribution(new(), Institutions.None));
        Task<SummedMonth> Sum() => sums.Of(books, owners, month, Policies.Corrected, month.End, "bench", ct);
        var (first, whole) = await Timed(Sum);
        if (whole.Rated.Total != rated.Total)
        {
            throw new InvalidOperationException($"The sums come to {whole.Rated.Total}, rating to {rated.Total}.");
        }

        var resources = (int)decimal.Ceiling(whole.Pages * share) * 256;
        await meter.Ingest(segments.DistinctBy(one => one.Resource).Take(resources).Select((one, n) =>
            (Collected)new Reading
            {
                Source = "urn:bench",
                Id = $"late-{n.ToString(CultureInfo.InvariantCulture)}",
                Type = ReadingType.Interval,
                Resource = one.Resource,
                Project = one.Project,
                From = month.End - Duration.FromHours(1),
                To = month.End,
                State = ResourceState.Running,
                Shape = one.Shape,
            }), ct);
        await meter.Fold(ct);
        PeakMemory.Forget();
        var (seconds, again) = await Timed(Sum);
        var (nothing, _) = await Timed(Sum);
        return new(
            again.Pages, first, seconds, nothing, decimal.Round(seconds / full, 3, MidpointRounding.ToEven),
            PeakMemory.Mib());
    }

    private static async Task<(decimal Seconds, T Done)> Timed<T>(Func<Task<T>> work)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await work();
        return (decimal.Round((decimal)Stopwatch.GetElapsedTime(start).TotalSeconds, 3, MidpointRounding.ToEven), done);
    }

    /// <summary>The most memory that this process had since it was told to forget.</summary>
    private static class PeakMemory
    {
        public static void Forget()
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            File.WriteAllText("/proc/self/clear_refs", "5");
        }

        public static long Mib()
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 >> 20;
        }
    }
}
