using System.Diagnostics;
using System.Globalization;
using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>How long it takes to close a month: rating, funds, invoices, every PDF and every export.</summary>
internal static class CloseBench
{
    private static readonly BillingMonth Month = new(2026, 10);
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 3, 9, 0);

    /// <summary>What was measured; the steps are parts of the whole.</summary>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, long PeakMib, int Lines, int Invoices, Money Total,
        IReadOnlyDictionary<string, Step> Steps);

    /// <summary>
    /// What a step took by the clock and of the processor in this process; the peak until its end, and what memory was
    /// made of in the step when it was highest.
    /// </summary>
    public sealed record Step(decimal Seconds, decimal CpuSeconds, long PeakMib, MemorySampler.Memory Highest);

    public static async Task<Result> Run(Composition exchange, int projects, string directory, CancellationToken ct)
    {
        var pis = Math.Max(projects * 2 / 5, 1);
        await ImportProjects.Run(
            exchange.Journal, Owners(projects, pis), "bench.csv", "bench", Month.Start, ct);
        await exchange.Meter.Ingest(Usage(projects, Month), ct);
        await exchange.Meter.Fold(ct);
        PeakMemory.Forget();

        var steps = new Dictionary<string, Step>();
        var start = Stopwatch.GetTimestamp();
        // As the close itself, which lets its lines go before anything is drawn.
        var summary = await Timed(steps, "rate, apply funds, issue", async () => CloseSummary.Of(
            await CloseMonth.Commit(
                exchange.Sources, Month, Policies.Corrected, new HashSet<string>(), "bench", Now, ct)));
        await Timed(steps, "read models", async () =>
        {
            await exchange.Projections.CatchUp(ct);
            return 0;
        });
        await Timed(steps, "PDFs", () => KeepDocuments.OfMonth(exchange.Sources, Month, Now, (_, _) => { }, ct));
        await exchange.Projections.CatchUp(ct);
        foreach (var (name, run) in Exports)
        {
            await Timed(steps, name, () => run(exchange.Sources, new(Month), directory, ct));
        }

        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        var lines = summary.Invoices.Sum(invoice => invoice.Lines);
        return new(
            $"{projects} projects of {pis} PIs closed, every PDF and export written", Cut(seconds),
            Cut(lines / seconds), PeakMemory.Mib(), lines, summary.Numbers.Count, summary.Total,
            steps);
    }

    private static IEnumerable<(string, Func<Sources, Wanted, string, CancellationToken, Task<Exported>>)> Exports =>
    [
        ("charges", ChargesExport.Run), ("focus", FocusExport.Run), ("settlement", SettlementExport.Run),
        ("journal", JournalExport.Run), ("invoices.zip", InvoicesZip.Run),
    ];

    private static async Task<T> Timed<T>(Dictionary<string, Step> steps, string name, Func<Task<T>> work)
    {
        using var memory = new MemorySampler();
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var done = await work();
        steps[name] = new(
            Cut((decimal)Stopwatch.GetElapsedTime(start).TotalSeconds),
            Cut((decimal)(Environment.CpuUsage.TotalTime - cpu).TotalSeconds), PeakMemory.Mib(), memory.Highest);
        return done;
    }

    /// <summary>Two PIs of five are of Boston University, so that the subsidy has work to do.</summary>
    internal static string Owners(int projects, int pis)
    {
        string[] domains = ["bu.edu", "bu.edu", "harvard.edu", "mit.edu", "example.org"];
        var csv = new StringBuilder("cluster,project,name,pi\n");
        for (var i = 0; i < projects; i++)
        {
            foreach (var cluster in (string[])["stack", "blockbank-1"])
            {
                csv.Append(CultureInfo.InvariantCulture,
                    $"{cluster},project-{i:00000},Project {i},pi{i % pis}@{domains[i % pis % domains.Length]}\n");
            }
        }

        return csv.ToString();
    }

    /// <summary>Each project has a server and a volume, and a third of them a GPU: 23 lines of ten projects.</summary>
    internal static IEnumerable<Collected> Usage(int projects, BillingMonth month)
    {
        var random = new Random(20_261_001);
        for (var i = 0; i < projects; i++)
        {
            yield return Reading(month, i, "nerc", "stack", "vm", random, [("vcpu", $"{1 + random.Next(32)}"),
                ("ram_mib", $"{4096 * (1 + random.Next(16))}")]);
            yield return Reading(month, i, "blockbank", "blockbank-1", "volume", random,
                [("storage_gib", $"{10 + random.Next(5_000)}")]);
            if (i % 10 < 3)
            {
                yield return Reading(month, i, "nerc", "stack", "vm", random,
                    [("vcpu", "24"), ("ram_mib", "75776"), ("gpu", "1"), ("gpu_model", "a100")]);
            }
        }
    }

    private static Reading Reading(
        BillingMonth month, int project, string landlord, string cluster, string kind, Random random,
        (string Key, string Value)[] shape)
    {
        var from = month.Start + Duration.FromMinutes(random.Next(20_000));
        var resource = new ResourceId(
            new(landlord), new(cluster), kind, $"{kind}-{project:00000}-{shape.Length}");
        return new()
        {
            Source = "urn:bench",
            Id = $"{resource}@{month}",
            Type = ReadingType.Interval,
            Resource = resource,
            Project = new($"project-{project:00000}"),
            From = from,
            To = from + Duration.FromMinutes(60 + random.Next(20_000)),
            State = ResourceState.Running,
            Shape = Shape.Of(shape.Select(one => KeyValuePair.Create(one.Key, one.Value))),
        };
    }

    private static decimal Cut(decimal number) => decimal.Round(number, 2, MidpointRounding.ToZero);
}
