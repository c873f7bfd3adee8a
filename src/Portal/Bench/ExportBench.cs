using System.Diagnostics;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Published;
using Npgsql;

namespace Exchange.Portal.Bench;

/// <summary>How fast each export of a month of so many charges is written, and in how much memory.</summary>
internal static class ExportBench
{
    /// <summary>What was measured of one export.</summary>
    /// <param name="Ratio">Its rows a second as a part of what the ceiling reads.</param>
    public sealed record One(
        string Name, long Rows, decimal Seconds, decimal Mib, decimal MibPerSecond, long PeakMib, decimal? Ratio);

    /// <summary>What was measured of all.</summary>
    /// <param name="CeilingPerSecond">Lines a second that the database hands out as text, to nobody.</param>
    public sealed record Result(
        string Work, decimal Seconds, decimal PerSecond, decimal CeilingPerSecond, decimal Ratio, long PeakMib,
        IReadOnlyList<One> Exports);

    private static IEnumerable<(string, Func<Sources, Wanted, string, CancellationToken, Task<Exported>>)> Exports =>
    [
        ("charges", ChargesExport.Run), ("focus", FocusExport.Run), ("settlement", SettlementExport.Run),
        ("journal", JournalExport.Run), ("invoices", InvoicesZip.Run),
    ];

    public static async Task<Result> Run(
        Composition exchange, int charges, string directory, Action<string> step, CancellationToken ct)
    {
        step("Making the month …");
        var load = new ExportLoad(charges);
        await load.Write(exchange, ct);
        await Ceiling(exchange.Database, ct); // The first reading brings the table into memory.

        var ceiling = charges / (decimal)(await Ceiling(exchange.Database, ct)).TotalSeconds;
        List<One> done = [];
        foreach (var (name, run) in Exports)
        {
            step($"{name} …");
            done.Add(await Measure(
                name, token => run(exchange.Sources, new(ExportLoad.Month), directory, token), directory, ceiling, ct));
        }

        Check(done, charges, load.Invoices);
        var lines = done.Where(one => one.Rows == charges).ToList();
        var seconds = lines.Sum(one => one.Seconds);
        return new(
            $"{charges} charges on {load.Invoices} invoices, every export written", done.Sum(one => one.Seconds),
            Cut(lines.Sum(one => one.Rows) / seconds, 0), Cut(ceiling, 0),
            Cut(lines.Sum(one => one.Rows) / seconds / ceiling, 3), done.Max(one => one.PeakMib), done);
    }

    private static async Task<One> Measure(
        string name, Func<CancellationToken, Task<Exported>> run, string directory, decimal ceiling,
        CancellationToken ct)
    {
        PeakMemory.Forget();
        var start = Stopwatch.GetTimestamp();
        var exported = await run(ct);
        var seconds = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        var mib = exported.Files.Sum(file => new FileInfo(Path.Combine(directory, file)).Length) / 1048576m;
        foreach (var file in exported.Files)
        {
            File.Delete(Path.Combine(directory, file));
        }

        return new(
            name, exported.Rows, Cut(seconds, 2), Cut(mib, 1), Cut(mib / seconds, 1), PeakMemory.Mib(),
            name is "charges" or "focus" ? Cut(exported.Rows / seconds / ceiling, 3) : null);
    }

    /// <summary>The same lines as text, as fast as the database hands them out, and thrown away.</summary>
    private static async Task<TimeSpan> Ceiling(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            copy (select l.*, i.institution, i.number
                  from invoicing.invoice i join invoicing.line l on l.invoice = i.id
                  order by l.invoice, l.place) to stdout (format csv)
            """;

        var start = Stopwatch.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(ct);
        using var text = await connection.BeginTextExportAsync(Sql, ct);
        var buffer = new char[65_536];
        while (await text.ReadAsync(buffer, ct) > 0)
        {
            // Thrown away.
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>A measurement of a wrong result is none.</summary>
    private static void Check(List<One> done, int charges, int invoices)
    {
        foreach (var (name, rows) in (ReadOnlySpan<(string, long)>)[
            ("charges", charges), ("focus", charges), ("settlement", 120), ("journal", invoices * 3L),
            ("invoices", invoices)])
        {
            if (done.Single(one => one.Name == name).Rows is var written && written != rows)
            {
                throw new InvalidOperationException($"'{name}' has {written} rows, and not {rows}.");
            }
        }
    }

    private static decimal Cut(decimal number, int digits) => decimal.Round(number, digits, MidpointRounding.ToZero);
}
