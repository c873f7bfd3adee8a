using System.Reflection;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// A database that an earlier version filled goes on: its places and runs are moved, its blocks are read as they are,
/// and every reading is known.
/// </summary>
public sealed class UpgradingTheMeter
{
    private const int LastStep = 13;
    private const int ReadingsInMemory = 60;
    private static readonly Reading[] Readings =
        [.. Enumerable.Range(0, 700).Select(i => KnowingReadings.Hour(i) with { Project = new($"p{i % 3}") })];
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_filled_database_of_before_places_were_arrays_and_runs_were_merged_knows_every_reading()
    {
        await using var now = await KnowingReadings.Database();
        await using var merging = await NoMerges(now);
        var filled = new Meter(now, SystemClock.Instance, ReadingsInMemory);
        foreach (var part in Readings.Chunk(70))
        {
            await KnowingReadings.Ingest(filled, part);
        }

        await filled.Fold(Ct);
        await Waiting.For( // Runs are written beside the writer.
            async () => (await now.Texts("select (flushed = number)::text from metering.head", [], Ct)) is ["true"],
            () => "The last run is not written.");
        await using var before = DataSources.Open(await TestDatabase.NewConnectionString());
        await Make(before);
        await Move(now, before);
        await Schema.Upgrade(before, [typeof(IJournal).Assembly, typeof(Meter).Assembly], Ct);

        var meter = new Meter(before, SystemClock.Instance, ReadingsInMemory);
        Assert.Empty(await meter.Verify(Ct));
        Assert.Equal(await Usage(filled, new(All)), await Usage(meter, new(All)));
        Assert.Equal(Readings.Length, (await Usage(meter, new(All))).Sum(u => u.Hours));
        Assert.NotEmpty(await Usage(meter, new(All, Project: new("p1"))));
        foreach (var query in (UsageQuery[])[
            new(All, Project: new("p1")), new(All, Cluster: new("stack")), new(All, Landlord: new("nerc"))])
        {
            Assert.Equal(await Usage(filled, query), await Usage(meter, query));
        }

        Assert.Equal(new(0, Readings.Length, 0), await KnowingReadings.Ingest(meter, Readings));
        await meter.Merged;
        Assert.Equal(new(0, 0, 10), await KnowingReadings.Ingest(
            meter, Readings[..10].Select(reading => reading with { Project = new("other") })));
        Assert.Equal(new(1, 0, 0), await KnowingReadings.Ingest(meter, [KnowingReadings.Hour(Readings.Length)]));
        await meter.Merged;
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>The columns of blocks, in their order, before they said whose they are.</summary>
    private const string Before = "number, hash, readings, from_us, to_us, first_name, names, body, ids";

    private static readonly Period All = new(Instant.FromUtc(2025, 6, 1, 0, 0), Instant.FromUtc(2025, 8, 1, 0, 0));

    private static async Task<List<(string Resource, string Project, int Hours)>> Usage(Meter meter, UsageQuery query)
    {
        var found = new List<(string, string, int)>();
        await foreach (var segment in meter.Segments(query, Ct))
        {
            found.Add((
                $"{segment.Resource} {segment.Period}", segment.Project.Value, (int)segment.Period.Length.TotalHours));
        }

        return found;
    }

    /// <summary>The tables as they were after the steps up to the last that is named here.</summary>
    private static async Task Make(NpgsqlDataSource database)
    {
        await Schema.Upgrade(database, [typeof(IJournal).Assembly], Ct);
        await using var connection = await database.OpenConnectionAsync(Ct);
        await connection.Execute("create schema metering", [], Ct);
        var module = typeof(Meter).Assembly;
        var number = 0;
        foreach (var step in Steps(module).TakeWhile(step => Number(step) <= LastStep))
        {
            using var reader = new StreamReader(module.GetManifestResourceStream(step)!);
            await connection.Execute(await reader.ReadToEndAsync(Ct), [], Ct);
            await connection.Execute(
                "insert into journal.schema_step (module, number, name) values ('metering', $1, $2)",
                [++number, step], Ct);
        }
    }

    private static IEnumerable<string> Steps(Assembly module) =>
        module.GetManifestResourceNames().Where(name => name.Contains(".Sql.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static int Number(string step) =>
        int.Parse(step.Split(".Sql.")[1].AsSpan(0, 4), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a database holds, as the tables of before hold it.</summary>
    private static async Task Move(NpgsqlDataSource now, NpgsqlDataSource before)
    {
        (string Table, string Select)[] tables =
        [
            ("block", $"select {Before} from metering.block"),
            ("page", "select number, body from metering.page"),
            ("place", "select kind, name, unnest(pages) from metering.place"),
            ("block_pages", "select * from metering.block_pages"),
            ("key_run", "select first, last, body from metering.key_run join metering.key_filter on run = number"),
            ("key_page", "select * from metering.key_page"),
            ("head", "select one, number, hash, secret, flushed, epoch from metering.head"),
            ("folded", "select * from metering.folded"),
        ];
        await using var from = await now.OpenConnectionAsync(Ct);
        await using var to = await before.OpenConnectionAsync(Ct);
        await to.Execute("delete from metering.head; delete from metering.folded", [], Ct);
        foreach (var (table, select) in tables)
        {
            await using var read = await from.BeginRawBinaryCopyAsync(
                $"copy ({select}) to stdout (format binary)", Ct);
            await using var write = await to.BeginRawBinaryCopyAsync(
                $"copy metering.{table} from stdin (format binary)", Ct);
            await read.CopyToAsync(write, Ct);
        }
    }

    /// <summary>Runs were not merged then.</summary>
    private static async Task<NpgsqlConnection> NoMerges(NpgsqlDataSource database)
    {
        var connection = await database.OpenConnectionAsync(Ct);
        await connection.Execute("select pg_advisory_lock($1)", [Compaction.TurnToMerge], Ct);
        return connection;
    }
}
