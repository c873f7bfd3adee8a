using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Cli;
using Npgsql;

namespace Exchange.Portal.Bench;

/// <summary>What was measured of the meter, beside the ceiling of the same run.</summary>
internal sealed record MeterResult(
    string Work, decimal Seconds, decimal PerSecond, decimal CeilingPerSecond, decimal Ratio, long PeakMib,
    decimal BytesPerReading, decimal? P50Ms, decimal? P99Ms)
{
    /// <summary>Microseconds of a processor for each reading: of this process, client and server, and the database.
    /// </summary>
    public (decimal Process, decimal? Database)? Cpu { get; init; }

    public MeterResult With(CpuTime cpu, long readings) => this with
    {
        Cpu = (Cut(cpu.Process * 1_000_000 / readings, 3),
            cpu.Database is { } database ? Cut(database * 1_000_000 / readings, 3) : null),
    };

    public static MeterResult Of(
        string work, long readings, TimeSpan took, decimal ceiling, decimal bytes, List<decimal> milliseconds)
    {
        milliseconds.Sort();
        var seconds = (decimal)took.TotalSeconds;
        return new(
            work, Cut(seconds, 3), Cut(readings / seconds, 0), Cut(ceiling, 0), Cut(readings / seconds / ceiling, 3),
            PeakMemory.Mib(), Cut(bytes, 1), At(50), At(99));

        decimal? At(int percent) =>
            milliseconds.Count == 0 ? null : Cut(milliseconds[milliseconds.Count * percent / 100], 2);
    }

    /// <summary>The bytes on disk of everything that the meter keeps.</summary>
    public static async Task<long> Stored(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'metering' and c.relkind = 'r'
            """;
        await using var command = database.Statement(Sql, []);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    public Answer Answer() => new(
        new BenchFigures(Work, Seconds, PeakMib)
        {
            PerSecond = PerSecond,
            CeilingPerSecond = CeilingPerSecond,
            Ratio = Ratio,
        }.With(new()
        {
            ["bytes_per_reading"] = BytesPerReading,
            ["p50_ms"] = P50Ms,
            ["p99_ms"] = P99Ms,
            ["cpu_us"] = Cpu?.Process,
            ["database_cpu_us"] = Cpu?.Database,
        }),
        terminal =>
        {
            terminal.Say(Work);
            terminal.Table(
                ["seconds", "readings/s", "ceiling/s", "ratio", "peak MiB", "bytes/reading", "p50 ms", "p99 ms",
                    "CPU µs/reading", "of the database"],
                [[Of(Seconds), Of(PerSecond), Of(CeilingPerSecond), Of(Ratio), Of(PeakMib), Of(BytesPerReading),
                    Of(P50Ms), Of(P99Ms), Of(Cpu?.Process), Of(Cpu?.Database)]]);
        });

    private static string Of(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private static decimal Cut(decimal number, int digits) => decimal.Round(number, digits, MidpointRounding.ToZero);
}
