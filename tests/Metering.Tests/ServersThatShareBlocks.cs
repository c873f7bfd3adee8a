using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// Servers that write one chain of blocks: what one sets aside leaves its memory while another goes on, and nobody
/// takes the other's whole blocks for damaged ones.
/// </summary>
public sealed class ServersThatShareBlocks
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>
    /// One writes a run of blocks while the other knows later ones. Seen to fail when those were read again with their
    /// names: "it does not follow the one before", and their landlord was stopped for good.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_leaves_the_memory_of_one_is_not_damaged_for_the_other_that_knows_more(int seed)
    {
        await using var database = await KnowingReadings.Database();
        var random = new Random(seed);
        var meters = Enumerable.Range(0, 3)
            .Select(i => new Meter(database, SystemClock.Instance, readingsInMemory: 15 * (i + 1))).ToArray();
        for (var part = 0; part < 60; part++)
        {
            var meter = meters[random.Next(meters.Length)];
            var landlord = random.Next(2) == 0 ? "a" : "b";
            var readings = DamageIsLeftOut.Twenty(landlord, part, $"p{part}", $"{part + 1}");
            Assert.Equal(new(20, 0, 0), await meter.Ingest(readings, Ct));
            Assert.Equal(new(0, 20, 0), await meters[random.Next(meters.Length)].Ingest(readings, Ct));
        }

        await AllAreWhole(database, meters);
    }

    /// <summary>
    /// A reading that is set aside brings a name, and no block comes until a turn under the lock. Seen to fail when
    /// such a turn took the name for a stored one: the next block began behind it, and nobody else could read on.
    /// </summary>
    [Fact]
    public async Task A_name_that_came_with_what_was_set_aside_is_stored_with_the_next_block_after_a_turn_without_one()
    {
        await using var database = await KnowingReadings.Database();
        var intake = new Intake(database);
        var one = KnowingReadings.Hour(1);
        await Take(intake, one);
        await Take(intake, one with { Project = new("set-aside") });
        Assert.Empty(await intake.Locate(new HashSet<Fingerprint.Key> { new(1, 1) }, Ct)); // A turn of its own.
        await Take(intake, KnowingReadings.Hour(2) with { Project = new("next") });
        await AllAreWhole(database, []);
    }

    private static async Task Take(Intake intake, Reading reading)
    {
        var batch = new Batch(await intake.Names());
        batch.Add(reading, SystemClock.Instance.GetCurrentInstant());
        await intake.Take(batch, SystemClock.Instance.GetCurrentInstant());
    }

    private static async Task AllAreWhole(NpgsqlDataSource database, IReadOnlyList<Meter> meters)
    {
        foreach (var meter in meters)
        {
            await meter.Merged;
            Assert.Empty(meter.Damaged);
        }

        var again = new Meter(database, SystemClock.Instance);
        await again.Fold(Ct);
        Assert.Empty(await again.Verify(Ct));
        Assert.Empty(again.Damaged);
    }
}
