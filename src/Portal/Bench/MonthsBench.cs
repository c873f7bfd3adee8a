using System.Diagnostics;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// Whether a close costs what came and not what was ever there: many months of as many charges, closed one after the
/// other with nothing late; the last against the second.
/// </summary>
internal static class MonthsBench
{
    private const int Projects = 7_692; // 13 lines of ten projects at NERC, whose prices are old enough.
    private static readonly BillingMonth First = new(2024, 10);

    /// <summary>What was measured: seconds and peak of each close, read models written.</summary>
    /// <param name="Cpu">What each close took of the processors, in this process and its database.</param>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, decimal Ratio, long PeakMib, int Charges,
        IReadOnlyList<decimal> Closes, IReadOnlyList<decimal> Cpu, IReadOnlyList<long> PeaksMib)
    {
        /// <summary>The last close against the second, by the processors: what runs beside it counts less.</summary>
        public decimal CpuRatio => Against(Cpu);

        /// <summary>What is asked of the open month after them: seconds, and MiB more than before.</summary>
        public IReadOnlyList<(string What, decimal Seconds, long Mib)> Open { get; init; } = [];
    }

    public static async Task<Result> Run(
        Composition exchange, int months, int projects, Action<string> step, CancellationToken ct)
    {
        projects = Math.Min(projects, Projects);
        await ImportProjects.Run(
            exchange.Journal, CloseBench.Owners(projects, Math.Max(projects * 2 / 5, 1)), "bench.csv", "bench",
            First.Start, ct);
        var (closes, cpu, peaks, charges) = (new List<decimal>(), new List<decimal>(), new List<long>(), 0);
        for (var n = 0; n < months; n++)
        {
            var month = First.Plus(n);
            await exchange.Meter.Ingest(CloseBench.Usage(projects, month).Where(
                one => one.Reading?.Resource.Landlord.Value == "nerc"), ct);
            await exchange.Meter.Fold(ct);
            step($"Closing {month}, {n + 1} of {months} …");
            PeakMemory.Forget();
            var (start, before) = (Stopwatch.GetTimestamp(), await CpuTime.Now(exchange.Database, ct));
            var outcome = await CloseMonth.Commit(
                exchange.Sources, month, Policies.Corrected, new HashSet<string>(StringComparer.Ordinal)
                {
                    "close/parked",
                }, "bench", month.End + Duration.FromDays(2), ct);
            await exchange.Projections.CatchUp(ct);
            var took = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
            closes.Add(decimal.Round(took, 3, MidpointRounding.ToEven));
            var used = await CpuTime.Now(exchange.Database, ct) - before;
            cpu.Add(decimal.Round(used.Process + (used.Database ?? 0), 3, MidpointRounding.ToEven));
            peaks.Add(PeakMemory.Mib());
            charges = outcome.Plan!.Drafts.Sum(draft => draft.Lines.Length);
        }

        return new(
            $"{months} closes of {charges} charges a month, nothing late: the last against the second", closes[^1],
            decimal.Round(charges / closes[^1], 0, MidpointRounding.ToEven), Against(closes), peaks[^1], charges,
            closes, cpu, peaks)
        {
            Open = await OfOpenMonth(exchange, First.Plus(months), projects, step, ct),
        };
    }

    internal static decimal Against(IReadOnlyList<decimal> each) =>
        each[Math.Min(1, each.Count - 1)] is var second and > 0
        ? decimal.Round(each[^1] / second, 3, MidpointRounding.ToEven)
        : 0;

    private static async Task<IReadOnlyList<(string What, decimal Seconds, long Mib)>> OfOpenMonth(
        Composition exchange, BillingMonth month, int projects, Action<string> step, CancellationToken ct)
    {
        await exchange.Meter.Ingest(CloseBench.Usage(projects, month).Where(
            one => one.Reading?.Resource.Landlord.Value == "nerc"), ct);
        await exchange.Meter.Fold(ct);
        var now = month.Start + Duration.FromDays(20);
        var directory = Directory.CreateTempSubdirectory("exchange-bench-");
        var measured = new List<(string, decimal, long)>();
        async Task Measure(string what, Func<Task> work)
        {
            step($"Asking for {month}: {what} …");
            PeakMemory.Forget();
            var (before, start) = (PeakMemory.Mib(), Stopwatch.GetTimestamp());
            await work();
            var took = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
            measured.Add((
                what, decimal.Round(took, 3, MidpointRounding.ToEven), PeakMemory.Mib() - before));
        }

        var wanted = new Wanted(month) { Now = now };
        Task Plan() => CloseMonth.Plan(exchange.Sources, month, Policies.Corrected, now, ct);
        await Measure("full rating", async () => await (await RatingNow.Read(exchange.Sources, ct)).Rate(
            new RateRequest(month) { AsOf = now }, null, ct));
        await Measure("first dry run", Plan);
        await Measure("dry run", Plan);
        var rating = await RatingNow.Read(exchange.Sources, ct);
        await Measure("of it: prices and owners", () => RatingNow.Read(exchange.Sources, ct));
        await Measure("of it: sums", () => rating.SoFar(month, Policies.Corrected, now, ct));
        await Measure("export focus", () => FocusExport.Run(exchange.Sources, wanted, directory.FullName, ct));
        await Measure("program standing", () => ProgrammeStanding.Of(
            exchange.Sources, exchange.Programmes[0].Id, month, now, ct));
        var late = CloseBench.Usage(projects, month).First(
            one => one.Reading?.Resource.Landlord.Value == "nerc").Reading!;
        await exchange.Meter.Ingest([(Collected)(late with { Id = "late", To = late.To + Duration.FromHours(1) })], ct);
        await Measure("dry run after a reading", Plan);
        directory.Delete(recursive: true);
        return measured;
    }
}
