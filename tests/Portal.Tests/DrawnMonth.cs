using System.Globalization;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A month in which usage is drawn from a seed, and its service invoice as rows of words.</summary>
internal sealed class DrawnMonth(string month, int seed) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-drawn-").FullName;
    private ulong _seed = 88_172_645_463_325_252UL + (ulong)seed;

    public long From { get; } = Time($"{month}-01");
    public long To { get; } = DateTimeOffset.FromUnixTimeSeconds(Time($"{month}-01")).AddMonths(1).ToUnixTimeSeconds();

    public int Next(int below)
    {
        _seed ^= _seed << 13;
        _seed ^= _seed >> 7;
        _seed ^= _seed << 17;
        return (int)(_seed % (ulong)below);
    }

    public static string Sql(long at) => Format(at, "yyyy-MM-dd HH:mm:ss");

    public static string Iso(long at) => Format(at, "yyyy-MM-ddTHH:mm:ssZ");

    /// <summary>What a reference says: project, hours, SU type and cost, of what there is any of.</summary>
    public static List<string> Rows(
        Dictionary<(string Project, string Type), decimal> hours, string service, Dictionary<string, decimal> rates) =>
    [
        .. hours.Where(h => h.Value > 0).Select(h => string.Create(CultureInfo.InvariantCulture,
            $"{h.Key.Project} {h.Value:0} {service}{h.Key.Type} " +
            $"{decimal.Round(h.Value * rates[h.Key.Type], 2, MidpointRounding.AwayFromZero):0.00}"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The same of what is exported.</summary>
    public async Task<List<string>> Export(string format, string file, string outages, params string[] texts)
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"prices publish {Product.File("pricing")}", database);
        if (outages.Length > 0)
        {
            var path = Path.Combine(_folder, "outages.yaml");
            await File.WriteAllTextAsync(path, outages, TestContext.Current.CancellationToken);
            await Typed.Done($"prices publish {path}", database);
        }

        var clock = new StoppedClock(Instant.FromUtc(2026, 11, 1, 6, 0));
        var quarantined = 0;
        foreach (var text in texts)
        {
            var typed = await Typed.Done($"ingest - --landlord nerc --format {format}", database, text, clock);
            quarantined += int.Parse(typed.Output.Trim().Split(' ')[^2], CultureInfo.InvariantCulture);
        }

        Assert.Equal(0, quarantined);

        await Typed.Done(
            $"export nerc-service --month {month} --out {_folder} --policies nerc-compatible", database, clock: clock);
        var rows = await File.ReadAllLinesAsync(
            Path.Combine(_folder, $"{file} {month}.csv"), TestContext.Current.CancellationToken);
        return
        [
            .. rows.Skip(1).Select(row => row.Split(','))
                .Select(cell => $"{cell[4]} {cell[11]} {cell[12]} {cell[14]}").Order(StringComparer.Ordinal),
        ];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Time(string day) => DateTimeOffset.Parse(
        day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();

    private static string Format(long at, string pattern) =>
        DateTimeOffset.FromUnixTimeSeconds(at).ToString(pattern, CultureInfo.InvariantCulture);
}
