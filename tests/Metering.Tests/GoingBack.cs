using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// The database goes back in time under meters that run: a dump is restored, or a standby that was behind is promoted.
/// Whatever is sent again is taken again, once, and the chain stays whole. Seen to fail where a batch of duplicates
/// never asked the head, and where the number of a block was taken for the block.
/// </summary>
public sealed class GoingBack
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(40)]
    public async Task What_was_lost_and_is_sent_again_is_taken_again_by_the_meter_that_knew_it(int readingsInMemory)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory);
        await Ingest(meter, 0, 100);
        await meter.Merged; // A dump is of one moment, and this one reads table after table.
        await using var dump = await DatabaseDump.Of(database);
        await Ingest(meter, 100, 300);
        await meter.Merged;
        await dump.Restore();
        Assert.Equal(new(0, 100, 0), await Ingest(meter, 0, 100));
        Assert.Equal(new(200, 100, 0), await Ingest(meter, 0, 300));
        Assert.Equal(new(0, 300, 0), await Ingest(meter, 0, 300));
        await IsWhole(database, meter, 300);
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(40)]
    public async Task Two_meters_in_turn_with_a_restore_between_count_each_reading_once(int readingsInMemory)
    {
        await using var database = await KnowingReadings.Database();
        Meter[] meters =
        [
            new(database, SystemClock.Instance, readingsInMemory),
            new(database, SystemClock.Instance, readingsInMemory),
        ];
        await Ingest(meters[0], 0, 100);
        await meters[0].Merged;
        await using var dump = await DatabaseDump.Of(database);
        await Ingest(meters[0], 100, 200);
        await Task.WhenAll(meters.Select(meter => meter.Merged));
        await dump.Restore();
        // The other goes on from there, past the block that the first one knows; both bring names of their own.
        foreach (var start in Enumerable.Range(0, 12).Select(i => 200 + (i * 10)))
        {
            Assert.Equal(new(10, 0, 0), await Ingest(meters[1], start, start + 10));
        }

        Assert.Equal(new(100, 220, 0), await Ingest(meters[0], 0, 320));
        Assert.Equal(new(0, 320, 0), await Ingest(meters[1], 0, 320));
        await IsWhole(database, meters[0], 320);
        await IsWhole(database, meters[1], 320);
    }

    [Fact]
    public async Task Drawn_histories_of_two_meters_and_restores_come_to_what_was_sent_last()
    {
        foreach (var seed in Draws.Seeds(few: 4, many: 50))
        {
            var random = new Random(seed);
            await using var database = await KnowingReadings.Database();
            Meter[] meters = [new(database, SystemClock.Instance, 60), new(database, SystemClock.Instance, 1_000)];
            var dumps = new List<(DatabaseDump Dump, HashSet<int> Held)> { (await DatabaseDump.Of(database), []) };
            var held = new HashSet<int>();
            for (var step = 0; step < 30; step++)
            {
                switch (random.Next(8))
                {
                    case 0:
                        dumps.Add((await DatabaseDump.Of(database), [.. held]));
                        break;
                    case 1:
                        await Task.WhenAll(meters.Select(meter => meter.Merged));
                        var (dump, then) = dumps[random.Next(dumps.Count)];
                        await dump.Restore();
                        held = [.. then];
                        break;
                    case 2:
                        Assert.Equal(held.Count, await KnowingReadings.Hours(meters[random.Next(2)]));
                        break;
                    default:
                        var start = random.Next(400);
                        var sent = Enumerable.Range(start, random.Next(1, 40)).ToList();
                        Assert.Equal(
                            new(sent.Count(i => !held.Contains(i)), sent.Count(held.Contains), 0),
                            await KnowingReadings.Ingest(meters[random.Next(2)], sent.Select(Of)));
                        held.UnionWith(sent);
                        break;
                }
            }

            await Task.WhenAll(meters.Select(meter => meter.Merged));
            await IsWhole(database, meters[0], held.Count);
            await IsWhole(database, meters[1], held.Count);
            foreach (var (dump, _) in dumps)
            {
                await dump.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_reading_that_is_stored_twice_is_named()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory: 7);
        await Ingest(meter, 0, 10);
        await Ingest(meter, 10, 20);
        await Ingest(meter, 20, 30);
        await meter.Merged;
        // As older versions could leave it: the index forgot a run, and the reading came again.
        await database.Execute("delete from metering.key_run", [], Ct);
        Assert.Equal(new(1, 0, 0), await Ingest(new(database, SystemClock.Instance, readingsInMemory: 1_000), 3, 4));
        await new Meter(database, SystemClock.Instance, 1_000).Replay(Ct);
        var found = Assert.Single(await meter.Verify(Ct));
        Assert.Equal(
            ("meter/counted-twice", $"urn:3 {Of(3).Id} in blocks 1 and 4"), (found.Code, found.Where));
    }

    /// <summary>Before, whoever asked for usage got the fault of a connection that was ended.</summary>
    [Fact]
    public async Task A_fold_that_loses_its_turn_begins_it_again()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        Assert.Equal(new(10, 0, 0), await Ingest(meter, 0, 10));
        await WhileItIsEnded(database, "select number from metering.folded for update", () => meter.Fold(Ct), 1);
        await IsWhole(database, meter, 10);
    }

    /// <summary>Before, whoever sent readings in a busy minute was told that the database went away.</summary>
    [Theory]
    [InlineData("select number from metering.head for update")]
    [InlineData("lock table metering.block in share mode")]
    [InlineData("lock table metering.quarantine in share mode")]
    public async Task Readings_whose_turn_is_lost_are_taken_in_the_next(string holds)
    {
        await using var database = await KnowingReadings.Database();
        await Ingest(new(database, SystemClock.Instance), 0, 10);
        var meter = new Meter(database, SystemClock.Instance);
        await WhileItIsEnded(database, holds, () => Sends(0), Turn.MaxLost);
        await IsWhole(database, meter, 20);
        await Assert.ThrowsAnyAsync<NpgsqlException>(
            () => WhileItIsEnded(database, holds, () => Sends(10), int.MaxValue));
        await IsWhole(database, meter, 20);

        async Task Sends(int from) => Assert.Equal(new(10, 10, 1), await KnowingReadings.Ingest(
            new(database, SystemClock.Instance),
            [.. Enumerable.Range(from, 20).Select(Of), Of(from) with { Project = new("another") }]));
    }

    /// <summary>Holds something up and ends, so many times, the connection of whoever waits for it.</summary>
    private static async Task WhileItIsEnded(NpgsqlDataSource database, string holds, Func<Task> act, int times)
    {
        const string End = """
            select pid || ': ' || pg_terminate_backend(pid)
            from pg_stat_activity where $1 = any(pg_blocking_pids(pid))
            """;

        var ended = new HashSet<string>();
        await using var other = await database.OpenConnectionAsync(Ct);
        await using var transaction = await other.BeginTransactionAsync(Ct);
        await other.Execute(holds, [], Ct);
        var acting = act();
        while (ended.Count < times && !acting.IsCompleted)
        {
            ended.UnionWith(await database.Texts(End, [other.ProcessID], Ct));
            await Task.Yield();
        }

        await transaction.RollbackAsync(Ct);
        await acting;
    }

    [Fact]
    public async Task Who_holds_the_head_and_stops_holds_up_the_others_for_as_long_as_is_said_and_no_longer()
    {
        await using var database = await KnowingReadings.Database();
        await using var frozen = await database.OpenConnectionAsync(Ct);
        await using var transaction = await frozen.BeginTransactionAsync(Ct);
        await Head.Lock(database, frozen, Turn.MaxStuck, Ct);
        var start = System.Diagnostics.Stopwatch.StartNew();
        var meter = new Meter(database, SystemClock.Instance);
        Assert.Equal(new(10, 0, 0), await Ingest(meter, 0, 10));
        Assert.InRange(start.Elapsed, TimeSpan.FromSeconds(Turn.MaxIdleSeconds - 1), TimeSpan.FromMinutes(2));
        await IsWhole(database, meter, 10);
    }

    private static Task<IngestOutcome> Ingest(Meter meter, int from, int to) =>
        KnowingReadings.Ingest(meter, Enumerable.Range(from, to - from).Select(Of));

    private static Reading Of(int number) => KnowingReadings.Hour(number) with
    {
        Source = $"urn:{number % 5}",
        Project = new($"p{number / 17}"),
        Resource = ResourceId.Parse($"nerc/stack/vm/{number}"),
    };

    private static async Task IsWhole(NpgsqlDataSource database, Meter meter, int readings)
    {
        Assert.Equal(readings, await KnowingReadings.Hours(meter));
        Assert.Empty(await meter.Verify(Ct));
        Assert.Equal(readings, await KnowingReadings.Hours(new(database, SystemClock.Instance)));
    }
}
