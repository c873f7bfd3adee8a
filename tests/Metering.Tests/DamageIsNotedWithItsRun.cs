using Exchange.Journal;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// What leaves memory is not read again, so damage in it is noted for good; of what is behind it, it may be restored.
/// Seen to fail where all damage was noted: a landlord was stopped for ever by a block that was whole again.
/// </summary>
public sealed class DamageIsNotedWithItsRun
{
    private const int InMemory = 40;
    private static readonly Instant Now = SystemClock.Instance.GetCurrentInstant();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_damaged_behind_the_run_that_leaves_may_be_restored()
    {
        await using var database = await KnowingReadings.Database();
        var other = new Meter(database, SystemClock.Instance);
        await other.Ingest(Of("a", 0), Ct);
        DedupIndex index = null!;
        await InTurn(database, async (connection, head) =>
        {
            index = new(database, head, InMemory);
            await index.CatchUp(connection, head, Ct);
            var batch = new Batch(index.Names);
            foreach (var one in Of("a", 2))
            {
                batch.Add(one, Now);
            }

            var commit = new NextCommit();
            await commit.Look(new(batch, Now), index, connection, Ct);
            commit.Pack();
            Assert.True(await commit.Write(connection, Ct));
        });
        index.Part();
        index.Confirm(index.Head);
        await index.Packing!; // Blocks 1 and 2 are sorted, and leave in the next turn.
        await other.Ingest(Of("b", 1), Ct);
        await database.Execute("create table saved as select number, body from metering.block where number = 3", [], Ct);
        await database.Execute("update metering.block set body = '\\x00' where number = 3", [], Ct);
        await InTurn(database, async (connection, head) =>
        {
            Assert.True(await index.Follows(connection, head, Ct));
            await index.CatchUp(connection, head, Ct);
        });
        Assert.Equal(["block 3 of b"], index.Damage.Places);
        Assert.Single(index.Runs.All);
        Assert.Empty(await database.Texts("select number::text from metering.damaged_block", [], Ct));

        await database.Execute(
            "update metering.block set body = saved.body from saved where saved.number = block.number", [], Ct);
        var meter = new Meter(database, SystemClock.Instance, InMemory);
        await meter.Ingest(Of("a", 4), Ct);
        await meter.Merged; // Block 3 left memory with the last.
        meter = new(database, SystemClock.Instance, InMemory);
        Assert.Equal(new(0, 20, 0), await meter.Ingest(Of("b", 1), Ct));
        Assert.Equal(new(20, 0, 0), await meter.Ingest(Of("b", 5), Ct));
        Assert.Empty(meter.Damaged);
        Assert.Empty(await meter.Verify(Ct));
    }

    private static async Task InTurn(NpgsqlDataSource database, Func<NpgsqlConnection, Head, Task> act)
    {
        await using var connection = await database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await act(connection, await Head.Lock(database, connection, Turn.MaxStuck, Ct));
        await transaction.CommitAsync(Ct);
    }

    private static IReadOnlyList<Collected> Of(string landlord, int part) =>
        DamageIsLeftOut.Twenty(landlord, part, $"p{part}", $"{part}");
}
