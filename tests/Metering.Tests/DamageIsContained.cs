using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// A block that is not what was written stops its own landlords, after a restart too, and nobody else: faults G1, where
/// one block was the end of every POST of anyone. Seen to fail before blocks said whose they are.
/// </summary>
public sealed class DamageIsContained
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, int> Damages()
    {
        var data = new TheoryData<string, int, int>();
        foreach (var block in (int[])[1, 3, 4])
        {
            foreach (var memory in (int[])[1_000_000, 15])
            {
                data.Add("body = set_byte(body, 9, get_byte(body, 9) # 255)", block, memory);
                data.Add("body = '\\x00'", block, memory);
                data.Add("names = '\\x0102'", block, memory);
                data.Add("to_us = to_us + 1", block, memory);
                data.Add("", block, memory);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_block_stops_its_landlord_and_nobody_else(string damage, int number, int memory)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory: memory);
        // Blocks 1 and 3 are of one landlord, 2 and 4 of the other; the last brings names of its own.
        foreach (var part in (int[])[0, 1, 2, 3])
        {
            await meter.Ingest(Of(part % 2 == 0 ? "a" : "b", part), Ct);
        }

        await meter.Merged;
        await using (var command = database.CreateCommand(damage.Length == 0
            ? $"delete from metering.block where number = {number}"
            : $"update metering.block set {damage} where number = {number}"))
        {
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
        }

        var (hurt, other) = number % 2 == 1 ? ("a", "b") : ("b", "a");
        for (var restart = 0; restart < 2; restart++)
        {
            meter = new(database, SystemClock.Instance, readingsInMemory: memory);
            var fresh = 10 + (restart * 4) + (hurt == "a" ? 1 : 0);
            Assert.Equal(new(20, 0, 0), await meter.Ingest(Of(other, fresh), Ct));
            Assert.Equal(new(0, 20, 0), await meter.Ingest(Of(other, fresh), Ct));
            Assert.Contains((await meter.Verify(Ct)).Select(found => found.Where), place => place == $"block {number}");
            if (damage.StartsWith("names", StringComparison.Ordinal))
            {
                // Its names are kept beside it, too: nobody has to wait.
                Assert.Equal(new(0, 40, 0), await meter.Ingest(Of("a", 0).Concat(Of("b", 1)), Ct));
                Assert.Equal(new(20, 0, 0), await meter.Ingest(Of(hurt, 90 + restart), Ct));
                Assert.Empty(meter.Damaged);
            }
            else if (memory < 1_000)
            {
                // It is known to hold them, and not what they say: none of them is taken a second time.
                var known = Of(hurt, number - 1);
                if (damage.Length == 0)
                {
                    Assert.Equal($"block {number}", (await Assert.ThrowsAsync<RefusedException>(() => meter.Ingest(known, Ct))).Refusal.Where);
                }
            }
            else
            {
                Assert.Equal(new(0, 20, 0), await meter.Ingest(Of(other, hurt == "a" ? 1 : 0), Ct));
                var refused = await Assert.ThrowsAsync<RefusedException>(() => meter.Ingest(Of(hurt, 90), Ct));
                Assert.Equal(("meter/unreadable", $"block {number}"), (refused.Refusal.Code, refused.Refusal.Where));
                Assert.Equal([$"block {number} of {hurt}"], meter.Damaged);
                Assert.Null(meter.Stopped);
            }
        }
    }

    [Fact]
    public async Task What_is_restored_counts_as_if_nothing_had_been_and_others_readings_meanwhile_too()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await meter.Ingest(Of("a", 0), Ct);
        await meter.Ingest(Of("b", 1), Ct);
        await database.Execute("create table saved as select number, names, body from metering.block", [], Ct);
        await database.Execute("update metering.block set names = '\\x00', body = '\\x00' where number = 2", [], Ct);
        meter = new(database, SystemClock.Instance);
        Assert.Equal(new(20, 0, 0), await meter.Ingest(Of("a", 2), Ct)); // Also with a project that b brought.
        Assert.Equal(new(20, 0, 0), await meter.Ingest(
            Of("a", 3).Select(one => (Collected)(one.Reading! with { Project = new("p1") })), Ct));
        await database.Execute("""
            update metering.block set names = saved.names, body = saved.body
            from saved where saved.number = block.number
            """, [], Ct);
        meter = new(database, SystemClock.Instance);
        Assert.Empty(meter.Damaged);
        Assert.Equal(new(0, 20, 0), await meter.Ingest(Of("b", 1), Ct));
        Assert.Equal(new(0, 40, 0), await meter.Ingest(Of("a", 0).Concat(Of("a", 2)), Ct));
        await meter.Fold(Ct);
        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        Assert.Empty(await meter.Verify(Ct));
    }

    [Fact]
    public async Task A_block_that_is_gone_with_what_is_kept_of_it_stops_everybody_by_its_name_and_nobody_waits_for_ever()
    {
        await using var database = await KnowingReadings.Database();
        await new Meter(database, SystemClock.Instance).Ingest(Of("a", 0), Ct);
        await database.Execute("delete from metering.block where number = 1; truncate metering.block_note", [], Ct);
        var meter = new Meter(database, SystemClock.Instance);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => meter.Ingest(Of("b", 1), Ct));
        Assert.Equal("block 1", refused.Refusal.Where);
        Assert.Equal("block 1", meter.Stopped?.Where);
        Assert.Equal("block 1", (await Assert.ThrowsAsync<RefusedException>(() => meter.Fold(Ct))).Refusal.Where);
    }

    private static IReadOnlyList<Collected> Of(string landlord, int part) =>
        DamageIsLeftOut.Twenty(landlord, part, $"p{part}", $"{part}");
}
