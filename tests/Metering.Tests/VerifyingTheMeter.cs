using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// Invariant 9, for blocks: a changed byte is found, and its place is named. Seen to fail with a chain of which only
/// the numbers are compared.
/// </summary>
public sealed class VerifyingTheMeter
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("select 1", "")]
    [InlineData("update metering.block set body = set_byte(body, 40, get_byte(body, 40) # 1) where number = 2",
        "meter/chain-broken block 2")]
    [InlineData("update metering.block set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where number = 3",
        "meter/chain-broken block 3")]
    [InlineData("delete from metering.block where number = 2", "meter/chain-broken block 2")]
    [InlineData("delete from metering.block where number = 3", "meter/chain-broken block 3")]
    [InlineData("update metering.block set ids = set_byte(ids, 7, get_byte(ids, 7) # 1) where number = 1",
        "meter/chain-broken block 1")]
    [InlineData("update metering.block set to_us = to_us + 1 where number = 2", "meter/chain-broken block 2")]
    [InlineData("update metering.page set body = set_byte(body, 9, get_byte(body, 9) # 4)",
        "meter/fold-differs page 0")]
    [InlineData("delete from metering.page", "meter/fold-differs nerc/stack/vm/0")]
    [InlineData("delete from metering.place where kind = 'p'", "meter/index-differs metering.place")]
    [InlineData("update metering.block_pages set pages = '{1}' where number = 2",
        "meter/index-differs the pages of block 2")]
    [InlineData("delete from metering.block_pages where number = 3", "meter/index-differs the pages of block 3")]
    [InlineData("update metering.key_filter set body = set_byte(body, 0, get_byte(body, 0) # 1) where run = 1",
        "meter/index-differs the run of block 1")]
    [InlineData("delete from metering.key_run where number = 1", "meter/index-differs the run of block 1")]
    [InlineData("delete from metering.key_page where run = 2 and page = 1000",
        "meter/index-differs the run of block 2")]
    public async Task A_changed_block_is_named(string damage, string expected) =>
        Assert.Equal(expected, await Found(damage));

    private static async Task<string> Found(string damage)
    {
        await using var database = await TestDatabase.Copy(await Filled.Value);
        await using (var command = database.CreateCommand(damage))
        {
            await command.ExecuteNonQueryAsync(Ct);
        }

        var meter = new Meter(database, SystemClock.Instance);
        return string.Join(", ", (await meter.Verify(Ct)).Select(r => $"{r.Code} {r.Where}"));
    }

    private static readonly Lazy<Task<NpgsqlDataSource>> Filled = new(() => TestDatabase.ForMany(async () =>
    {
        var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory: 15);
        foreach (var part in Enumerable.Range(0, 3))
        {
            await meter.Ingest(Enumerable.Range(0, 20).Select(i => (Collected)Hour((part * 20) + i)), Ct);
            await meter.Merged; // Runs are written beside the writer.
        }

        await meter.Fold(Ct);
        return database;
    }));

    private static Reading Hour(int number) => new()
    {
        Source = "urn:test",
        Id = $"{number:00000000}-0000-4000-8000-000000000000",
        Type = ReadingType.Interval,
        Resource = ResourceId.Parse($"nerc/stack/vm/{number % 4}"),
        Project = new("p"),
        From = Start + Duration.FromHours(number / 4),
        To = Start + Duration.FromHours((number / 4) + 1),
        State = ResourceState.Running,
        Shape = Shape.Of([new("vcpu", "1")]),
    };
}
