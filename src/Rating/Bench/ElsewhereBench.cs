using System.Diagnostics;
using Exchange.Metering;
using NodaTime;
using Npgsql;

namespace Exchange.Rating.Bench;

/// <summary>
/// How long it takes to say what a month would have cost at another landlord, beside rating it. Where both have the
/// same prices both must come to the same, to the cent.
/// </summary>
public static class ElsewhereBench
{
    private static readonly LandlordId Other = new("other");

    /// <summary>What was measured: seconds of rating and of the question, each the best of two.</summary>
    /// <param name="CpuRatio">The same of processor time, which other work on the machine does not change.</param>
    public sealed record Result(
        int Segments, decimal RatingSeconds, decimal ElsewhereSeconds, decimal Ratio, decimal CpuRatio);

    /// <summary>Time that passed, and that processors worked for this program.</summary>
    private readonly record struct Spent(decimal Seconds, decimal Cpu)
    {
        public static Spent Max { get; } = new(decimal.MaxValue, decimal.MaxValue);

        public Spent Least(Spent other) => new(decimal.Min(Seconds, other.Seconds), decimal.Min(Cpu, other.Cpu));
    }

    public static async Task<Result> Run(
        Meter meter, NpgsqlDataSource database, int segments, int projects, CancellationToken ct)
    {
        await RateBench.Load(new Meter(database, SystemClock.Instance), segments, projects, ct);
        var books = RateBench.Books();
        books = books with { Books = books.Books.AddRange(RateBench.Books(Other.Value).Books) };
        var owners = new Attribution(new ProjectDirectory(), Institutions.None);
        var request = new RateRequest(RateBench.Month);
        var (rating, elsewhere) = (Spent.Max, Spent.Max);
        for (var turn = 0; turn < 2; turn++)
        {
            var (rated, spent) = await Timed(() => RateMonth.Run(meter, books, owners, request, ct));
            rating = rating.Least(spent);
            var (there, more) = await Timed(() => MonthElsewhere.Run(
                meter, books, owners, request, [(Other, new ClusterId("c1"))], ct));
            elsewhere = elsewhere.Least(more);
            if (there.Here != rated.Total || there.There is not [{ ServesAll: true } offer] ||
                offer.Total != rated.Total)
            {
                throw new InvalidOperationException(
                    $"{rated.Total} of usage came to {there.Here}, and elsewhere to {there.There[0].Total}.");
            }
        }

        return new(
            segments, Cut(rating.Seconds), Cut(elsewhere.Seconds), Cut(elsewhere.Seconds / rating.Seconds),
            Cut(elsewhere.Cpu / rating.Cpu));
    }

    private static async Task<(T Result, Spent Spent)> Timed<T>(Func<Task<T>> work)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var result = await work();
        return (result, new(
            (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds,
            (decimal)(Environment.CpuUsage.TotalTime - before).TotalSeconds));
    }

    private static decimal Cut(decimal number) => decimal.Round(number, 3, MidpointRounding.ToZero);
}
