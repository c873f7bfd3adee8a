using System.Diagnostics;
using System.Globalization;
using Exchange.Journal;
using Exchange.Metering;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Rating.Bench;

/// <summary>
/// How many segments of a month are rated a second, from the meter to charges, by sheets with tiers and a price change
/// inside the month. The ceiling, in the same run: the same segments as plain rows, read with COPY and added up.
/// </summary>
public static class RateBench
{
    private const int SegmentsAVm = 3;
    internal static readonly BillingMonth Month = new(2025, 10);
    private static readonly LandlordId Landlord = new("bench");
    private static readonly ClusterId Cluster = new("c1");

    /// <summary>Whether the VMs of a project were made one after the other, as a group makes them.</summary>
    private static bool _together;

    /// <summary>What was measured.</summary>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, decimal CeilingPerSecond, decimal Ratio, long PeakMib,
        int Charges, Money Total)
    {
        /// <summary>What it takes to sum the month again after pages changed; null where it was not asked.</summary>
        public ChangedPages.Result? Changed { get; init; }
    }

    public static async Task<Result> Run(
        Meter meter, NpgsqlDataSource database, int segments, int projects, decimal changed, bool together,
        CancellationToken ct)
    {
        _together = together;
        await Load(new Meter(database, SystemClock.Instance), segments, projects, ct);
        await Store(database, Segments(segments, projects), ct);
        var (ceiling, microseconds) = await ReadPlainRows(database, ct);
        var expected = Segments(segments, projects).Sum(s => s.Period.Length.BclCompatibleTicks / 10);
        if (microseconds != expected)
        {
            throw new InvalidOperationException($"COPY gave {microseconds} µs of usage, not {expected}.");
        }

        ForgetPeak();
        var start = Stopwatch.GetTimestamp();
        var rated = await RateMonth.Run(
            meter, Books(), new(new ProjectDirectory(), Institutions.None), new(Month), ct);
        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        if (rated.Unpriced.Count > 0)
        {
            throw new InvalidOperationException($"Without a price: {rated.Unpriced[0].Why}");
        }

        return new(
            $"{segments} segments of {projects} projects rated", Cut(seconds, 3), Cut(segments / seconds, 0),
            Cut(segments / ceiling, 0), Cut(ceiling / seconds, 3), process.PeakWorkingSet64 >> 20,
            rated.Charges.Count, rated.Total)
        {
            Changed = changed == 0 ? null : await ChangedPages.Run(
                meter, database, Books(), Month, rated, seconds, changed, Segments(segments, projects), ct),
        };
    }

    /// <summary>Through a meter of its own, for one that has taken readings remembers them.</summary>
    internal static async Task Load(Meter meter, int segments, int projects, CancellationToken ct)
    {
        await meter.Ingest(Segments(segments, projects).Select((segment, n) => (Collected)new Reading
        {
            Source = "urn:bench",
            Id = n.ToString(CultureInfo.InvariantCulture),
            Type = ReadingType.Interval,
            Resource = segment.Resource,
            Project = segment.Project,
            From = segment.Period.Start,
            To = segment.Period.End,
            State = segment.State,
            Shape = segment.Shape,
        }), ct);
        await meter.Fold(ct);
    }

    /// <summary>A CPU service with three tiers, and GPUs; from the middle of the month on both cost less.</summary>
    /// <param name="landlord">Whose they are.</param>
    internal static PriceBooks Books(string landlord = "bench")
    {
        PublishedSheet Sheet(string from, string gpu) => new(SheetReader.Read($$"""
            landlord: {{landlord}}
            service: compute
            clusters: [c1]
            from: {{from}}
            policies:
              corrected: {billable: [running, stopped], gpu_service_units: ceiling}
            skus:
              - name: CPU
                unit: SU-hour
                counts: bundle
                bundle: {vcpu: "1", ram_mib: "4096"}
                per: hour
                model: graduated
                tiers: [{up_to: "1000", rate: "0.013"}, {up_to: "20000", rate: "0.012"}, {rate: "0.01"}]
                match: {kind: vm, gpu: none}
              - name: GPU
                unit: SU-hour
                rate: "{{gpu}}"
                counts: bundle
                bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"}
                per: hour
                match: {kind: vm, gpu: any}
            """, "bench.yaml"), 1, "", "", "", Month.Start);
        return PriceBooks.Of([Sheet("2025-01", "1.803"), Sheet("2025-10-16T07:30:00Z", "1.7")]);
    }

    private static IEnumerable<Segment> Segments(int count, int projects)
    {
        Shape[] shapes =
        [
            .. Enumerable.Range(1, 48).Select(n => Shape.Of(
                [new("vcpu", $"{n}"), new("ram_mib", $"{(n % 7 * 2048) + 4096}")])),
            .. Enumerable.Range(1, 8).Select(n => Shape.Of(
                [new("vcpu", $"{n * 20}"), new("ram_mib", $"{n * 65536}"), new("gpu", $"{n}")])),
        ];
        ResourceId? resource = null;
        var of = Math.Max(1, count / SegmentsAVm / projects);
        for (var n = 0; n < count; n++)
        {
            var (vm, part) = Math.DivRem(n, SegmentsAVm);
            resource = part == 0
                ? new(Landlord, Cluster, "vm", $"vm-{vm.ToString("00000000", CultureInfo.InvariantCulture)}")
                : resource!;
            var from = Month.Start + Duration.FromHours(240 * part) + Duration.FromSeconds(vm * 7919L % 300_000);
            var length = Duration.FromSeconds(60 + ((n * 104_729L) % 500_000));
            yield return new(
                resource, new($"project-{(_together ? vm / of : vm % projects)}"), new(from, from + length),
                part == 1 ? ResourceState.Stopped : ResourceState.Running, shapes[(vm + (part * 11)) % shapes.Length]);
        }
    }

    private static async Task Store(NpgsqlDataSource database, IEnumerable<Segment> segments, CancellationToken ct)
    {
        const string Sql = """
            create schema if not exists bench;
            create table bench.segment (
              resource text not null, project text not null, from_at timestamptz not null, to_at timestamptz not null,
              state text not null, shape text not null)
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await connection.Execute(Sql, [], ct);
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy bench.segment from stdin (format binary)", ct);
        foreach (var segment in segments)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(segment.Resource.ToString(), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(segment.Project.Value, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(segment.Period.Start.ToDateTimeUtc(), NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(segment.Period.End.ToDateTimeUtc(), NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(segment.State.ToString(), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(segment.Shape.ToString(), NpgsqlDbType.Text, ct);
        }

        await copy.CompleteAsync(ct);
    }

    private static async Task<(decimal Seconds, long Microseconds)> ReadPlainRows(
        NpgsqlDataSource database, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var start = Stopwatch.GetTimestamp();
        var sum = 0L;
        await using (var copy = await connection.BeginBinaryExportAsync(
            "copy bench.segment to stdout (format binary)", ct))
        {
            while (await copy.StartRowAsync(ct) >= 0)
            {
                await copy.SkipAsync(ct);
                await copy.SkipAsync(ct);
                var from = await copy.ReadAsync<DateTime>(NpgsqlDbType.TimestampTz, ct);
                var to = await copy.ReadAsync<DateTime>(NpgsqlDbType.TimestampTz, ct);
                sum += (to - from).Ticks / 10;
                await copy.SkipAsync(ct);
                await copy.SkipAsync(ct);
            }
        }

        return ((decimal)Stopwatch.GetElapsedTime(start).TotalSeconds, sum);
    }

    /// <summary>Lets the operating system's peak begin anew, so that making the load does not count.</summary>
    private static void ForgetPeak()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static decimal Cut(decimal number, int digits) => decimal.Round(number, digits, MidpointRounding.ToZero);
}
