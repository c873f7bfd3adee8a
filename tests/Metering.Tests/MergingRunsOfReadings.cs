using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// What is known of readings is merged as it grows, beside those who write: a reading counts once all the same, also
/// where a merge is killed or another process still knows the runs of before.
/// </summary>
public sealed class MergingRunsOfReadings
{
    private const int ReadingsInMemory = 40;
    private static readonly Reading[] Readings = [.. Enumerable.Range(0, 2_680).Select(KnowingReadings.Hour)];
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_are_few_runs_however_many_readings_were_taken_and_all_are_known_also_after_a_restart()
    {
        await using var database = await KnowingReadings.Database();
        var meter = Meter(database);
        foreach (var part in Readings.Chunk(ReadingsInMemory))
        {
            Assert.Equal(new(part.Length, 0, 0), await KnowingReadings.Ingest(meter, part));
            await meter.Merged;
        }

        // Sixty-seven blocks in runs of one or two; a merge may be under way.
        var levels = await Levels(database);
        Assert.InRange(levels.Max(), 1, 2);
        Assert.All(levels.CountBy(level => level), level => Assert.InRange(level.Value, 1, Compaction.RunsAMerge));
        foreach (var known in (Meter[])[meter, Meter(database)])
        {
            Assert.Equal(new(0, Readings.Length, 0), await KnowingReadings.Ingest(known, Readings));
        }

        Assert.Equal(Readings.Length, await KnowingReadings.Hours(meter));
        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        await meter.Merged;
        Assert.Equal(new(0, Readings.Length, 0), await KnowingReadings.Ingest(meter, Readings));
        Assert.Empty(await meter.Verify(Ct));
    }

    [Fact]
    public async Task Who_still_knows_the_runs_of_before_a_merge_of_another_process_counts_nothing_twice()
    {
        await using var database = await KnowingReadings.Database();
        var other = Meter(database);
        await Fill(database, 1_000, async () =>
            Assert.Equal(new(0, 1, 0), await KnowingReadings.Ingest(other, Readings[..1])));
        Assert.True(await new Compaction(database, ReadingsInMemory).Merge(new([]), Ct));
        Assert.Equal(new(0, 1_000, 0), await KnowingReadings.Ingest(other, Readings[..1_000]));
        Assert.Equal(1_000, await KnowingReadings.Hours(other));
    }

    [Fact]
    public async Task A_merge_that_is_killed_leaves_all_as_it_was_and_the_next_one_does_it()
    {
        await using var database = await KnowingReadings.Database();
        await Fill(database, 1_000);
        Assert.Equal(0, (await Levels(database)).Max());
        await using (var reads = await database.OpenConnectionAsync(Ct))
        {
            await reads.Execute("begin; lock table metering.key_run in share mode", [], Ct); // It comes as far as this.
            var killed = Task.Run(() => new Compaction(database, ReadingsInMemory).Merge(new([]), Ct), Ct);
            await Waiting.For(
                async () =>
                {
                    await Terminate(database);
                    return killed.IsCompleted;
                },
                () => "It is not killed.");
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => killed);
            await reads.Execute("rollback", [], Ct);
            Assert.Empty(await Meter(database).Verify(Ct));
        }

        for (var milliseconds = 0; milliseconds < 60; milliseconds += 8)
        {
            var merge = Task.Run(() => new Compaction(database, ReadingsInMemory).Merge(new([]), Ct), Ct);
            await Task.Delay(milliseconds, Ct);
            await Terminate(database);
            try
            {
                await merge;
            }
            catch (NpgsqlException)
            {
                // It was killed; another time it was done before.
            }

            Assert.Empty(await Meter(database).Verify(Ct));
        }

        while (await new Compaction(database, ReadingsInMemory).Merge(new([]), Ct))
        {
        }

        Assert.Equal(1, (await Levels(database)).Max());
        Assert.Equal(new(0, 1_000, 0), await KnowingReadings.Ingest(Meter(database), Readings[..1_000]));
        Assert.Empty(await Meter(database).Verify(Ct));
    }

    [Theory]
    [InlineData("update metering.key_filter set body = set_byte(body, 0, get_byte(body, 0) # 1) " +
        "where run = -257 and part = 2")]
    [InlineData("delete from metering.key_filter where run = -257 and part = 7")]
    [InlineData("delete from metering.key_page where run = -257 and page = 1000")]
    [InlineData("update metering.key_page set page = -1 where run = -257 and page = 0")]
    [InlineData("update metering.key_page set page = -1 where run = -257 and page in " +
        "(select page from metering.key_page where run = -257 and body <> '' limit 1)")]
    [InlineData("update metering.key_page set body = set_byte(body, 2, get_byte(body, 2) # 1) " +
        "where run = -257 and page in (select page from metering.key_page where run = -257 and body <> '' limit 1)")]
    [InlineData("update metering.key_page set body = substr(body, 9) where run = -257 and page in " +
        "(select page from metering.key_page where run = -257 and body <> '' limit 1)")]
    public async Task A_changed_merged_run_is_named(string damage)
    {
        await using var database = await TestDatabase.Copy(await Merged.Value);
        await using (var connection = await database.OpenConnectionAsync(Ct))
        {
            Assert.Equal(1, await connection.Execute(damage, [], Ct));
        }

        Assert.Equal(
            ["meter/index-differs the run of block 1"],
            (await Meter(database).Verify(Ct)).Select(refusal => $"{refusal.Code} {refusal.Where}"));
    }

    [Fact]
    public async Task A_merge_that_fails_says_why_readings_are_taken_and_the_next_one_does_it()
    {
        await using var database = await KnowingReadings.Database();
        await Fill(database, 20 * ReadingsInMemory);
        var meter = Meter(database);
        await using var connection = await database.OpenConnectionAsync(Ct);
        await connection.Execute(
            "alter table metering.key_run add constraint nothing_merged check (level = 0)", [], Ct);

        await Take(20, 30);
        Assert.Contains("nothing_merged", meter.NotMerged, StringComparison.Ordinal);
        Assert.Equal(0, (await Levels(database)).Max());

        await connection.Execute("alter table metering.key_run drop constraint nothing_merged", [], Ct);
        await Take(30, 40);
        Assert.Null(meter.NotMerged);
        Assert.Equal(1, (await Levels(database)).Max());
        Assert.Equal(new(0, 40 * ReadingsInMemory, 0), await KnowingReadings.Ingest(meter, Readings[..1_600]));

        async Task Take(int first, int end)
        {
            foreach (var part in Readings[(first * ReadingsInMemory)..(end * ReadingsInMemory)].Chunk(ReadingsInMemory))
            {
                Assert.Equal(new(part.Length, 0, 0), await KnowingReadings.Ingest(meter, part));
                await meter.Merged;
            }
        }
    }

    private static readonly Lazy<Task<NpgsqlDataSource>> Merged = new(() => TestDatabase.ForMany(async () =>
    {
        var database = await KnowingReadings.Database();
        await Fill(database, 20 * ReadingsInMemory); // A run may take two commits.
        Assert.True(await new Compaction(database, ReadingsInMemory).Merge(new([]), Ct));
        Assert.Empty(await Meter(database).Verify(Ct));
        return database;
    }));

    [Fact]
    public void A_run_never_has_more_blocks_than_its_words_can_tell()
    {
        // One of so many blocks can have no neighbour.
        var runs = Enumerable.Range(0, 10).Select(i => Run((16_700_000L * i) + 1, 16_700_000)).ToList();
        Assert.Empty(Compaction.Choose(runs));
        runs.AddRange(Enumerable.Range(0, 8).Select(i => Run(167_000_001 + (60_000L * i), 60_000)));
        Assert.Equal(runs[^8..], Compaction.Choose(runs));
        runs = [.. Enumerable.Range(0, 8)
            .Select(i => Run((i * SortedRun.MaxBlocks / 8) + 1, SortedRun.MaxBlocks / 8))];
        Assert.Equal(runs, Compaction.Choose(runs));
        runs[^1] = runs[^1] with { Last = runs[^1].Last + 1 };
        Assert.Empty(Compaction.Choose(runs));
        Assert.Equal(
            (0x7_1234_5678_9abcUL, SortedRun.MaxBlocks - 1), SortedRun.Read(
                SortedRun.Page(0x7_1234_5678_9abc, 5), 5,
                    SortedRun.Word(0x7_1234_5678_9abc, SortedRun.MaxBlocks - 1)));
    }

    private static SortedRun Run(long first, long blocks) => new(first, first, first + blocks - 1, 0, 0, [], []);

    private static Meter Meter(NpgsqlDataSource database) => new(database, SystemClock.Instance, ReadingsInMemory);

    /// <summary>Takes readings while another process has the turn to merge, so that none does.</summary>
    private static async Task Fill(NpgsqlDataSource database, int readings, Func<Task>? then = null)
    {
        await using var connection = await database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await connection.Execute("select pg_advisory_xact_lock($1)", [Compaction.TurnToMerge], Ct);
        var meter = Meter(database);
        foreach (var part in Readings[..readings].Chunk(ReadingsInMemory))
        {
            await KnowingReadings.Ingest(meter, part);
        }

        await (then?.Invoke() ?? Task.CompletedTask);
        await meter.Merged;
    }

    private static async Task Terminate(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync(Ct);
        await connection.Execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = " +
            "(select oid from pg_database where datname = current_database())", [], Ct);
    }

    /// <summary>How often each run was merged.</summary>
    private static async Task<int[]> Levels(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select array_agg(level) from metering.key_run");
        return (int[])(await command.ExecuteScalarAsync(Ct))!;
    }
}
