using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>A reading counts once for ever, though what is known of it no longer fits in memory.</summary>
public sealed class KnowingReadings
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static readonly UsageQuery June = new(new(Start, Start + Duration.FromDays(30)));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_readings_that_come_again_are_duplicates_and_changed_ones_are_set_aside_also_after_a_restart()
    {
        await using var database = await Database();
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory: 100);
        var readings = Enumerable.Range(0, 1_000).Select(Hour).ToArray();
        foreach (var part in readings.Chunk(70))
        {
            Assert.Equal(new(part.Length, 0, 0), await Ingest(meter, part));
        }

        var again = readings.ToArray();
        new Random(1).Shuffle(again);
        foreach (var part in again.Chunk(130))
        {
            Assert.Equal(new(0, part.Length, 0), await Ingest(meter, part));
        }

        meter = new(database, SystemClock.Instance, readingsInMemory: 100);
        Assert.Equal(new(0, 1_000, 0), await Ingest(meter, again));
        var changed = readings.Select(r => r with { Project = new("q") }).ToArray();
        Assert.Equal(new(0, 0, 300), await Ingest(meter, changed[..300]));
        Assert.Equal(1_000, await Hours(meter));
        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        Assert.Equal(new(0, 1_000, 0), await Ingest(meter, again));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>
    /// A server that ran out of memory while it read, or whose machine is suspended: for the database it is not idle,
    /// and everybody's readings waited for it as long as a statement may take.
    /// </summary>
    [Fact]
    public async Task Who_holds_the_end_of_the_chain_and_takes_no_answer_loses_its_turn_and_the_others_go_on()
    {
        await using var database = await Database();
        await using var stuck = await database.OpenConnectionAsync(Ct);
        await using var turn = await stuck.BeginTransactionAsync(Ct);
        await using var command = stuck.Statement(
            "select repeat('x', 8000) from metering.head, generate_series(1, 10000) for update of head", []);
        var unread = await command.ExecuteReaderAsync(Ct);
        var meter = new Meter(
            database, SystemClock.Instance, readingsInMemory: 100, patience: TimeSpan.FromMilliseconds(200));
        Assert.Equal(new(3, 0, 0), await Ingest(meter, [.. Enumerable.Range(0, 3).Select(Hour)]).WaitAsync(
            TimeSpan.FromSeconds(120), Ct));
        Assert.Equal(new(0, 3, 0), await Ingest(meter, [.. Enumerable.Range(0, 3).Select(Hour)]));
        await Assert.ThrowsAnyAsync<NpgsqlException>(unread.CloseAsync);
    }

    /// <summary>Of 512 MiB for server and database three quarters are the server's.</summary>
    [Theory]
    [InlineData(384, 17)]
    [InlineData(768, 18)]
    [InlineData(1_536, 19)]
    [InlineData(65_536, 19)]
    [InlineData(1, 16)]
    public void The_readings_in_memory_follow_what_there_is_of_it(long mebibytes, int bits) =>
        Assert.Equal(1 << bits, DedupIndex.ReadingsIn(mebibytes << 20));

    [Fact]
    public async Task Two_processes_that_take_turns_know_what_the_other_took_and_named()
    {
        await using var database = await Database();
        Meter[] meters =
        [
            new(database, SystemClock.Instance, readingsInMemory: 50),
            new(database, SystemClock.Instance, readingsInMemory: 80),
        ];
        var readings = Enumerable.Range(0, 900).Select(i => Hour(i) with
        {
            Project = new($"p{i / 7}"),
            Source = $"urn:{i % 11}",
        }).ToArray();
        var outcome = new IngestOutcome(0, 0, 0);
        foreach (var (part, i) in readings.Chunk(30).Select((p, i) => (p, i)))
        {
            // A name that only comes with a reading that is set aside is written by no block.
            var changed = part.Take(1).Select(r => r with { Project = new($"only in {i}") });
            outcome += await Ingest(meters[i % 2], [.. part, .. changed]);
            outcome += await Ingest(meters[(i + 1) % 2], part);
        }

        Assert.Equal(new(900, 900, 30), outcome);
        Assert.Equal(900, await Hours(meters[0]));
        Assert.Equal(900, await Hours(meters[1]));
        Assert.Empty(await meters[1].Verify(Ct));
    }

    [Fact]
    public async Task Many_callers_at_once_of_two_processes_count_each_reading_once()
    {
        await using var database = await Database();
        Meter[] meters = [new(database, SystemClock.Instance, 500), new(database, SystemClock.Instance, 500)];
        var readings = Enumerable.Range(0, 3_000).Select(Hour).ToArray();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async caller =>
        {
            var mine = readings.ToArray();
            new Random(caller).Shuffle(mine);
            var sum = new IngestOutcome(0, 0, 0);
            foreach (var part in mine.Chunk(100))
            {
                sum += await Ingest(meters[caller % 2], part);
            }

            return sum;
        }));
        Assert.Equal(new(3_000, 21_000, 0), outcomes.Aggregate((a, b) => a + b));
        Assert.Equal(3_000, await Hours(meters[0]));
    }

    internal static Task<NpgsqlDataSource> Database() =>
        TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);

    internal static Task<IngestOutcome> Ingest(Meter meter, IEnumerable<Reading> readings) =>
        meter.Ingest(readings.Select(r => (Collected)r), Ct);

    internal static async Task<int> Hours(Meter meter)
    {
        var sum = Duration.Zero;
        await foreach (var segment in meter.Segments(June, Ct))
        {
            sum += segment.Period.Length;
        }

        return (int)sum.TotalHours;
    }

    internal static Reading Hour(int number) => new()
    {
        Source = "urn:test",
        Id = number % 3 == 0 ? $"reading {number}" : $"{number:00000000}-0000-4000-8000-000000000000",
        Type = ReadingType.Interval,
        Resource = ResourceId.Parse($"nerc/stack/vm/{number % 10}"),
        Project = new("p"),
        From = Start + Duration.FromHours(number / 10),
        To = Start + Duration.FromHours((number / 10) + 1),
        Shape = Shape.Of([new("vcpu", "1")]),
    };
}
