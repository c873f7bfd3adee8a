using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>A changed byte is found, and its place is named.</summary>
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
    [InlineData("delete from metering.block where number = 2", "meter/chain-broken block 3")]
    [InlineData("delete from metering.block where number = 3", "meter/chain-broken the head of the chain")]
    [InlineData("update metering.segment set project = 'q' where resource like '%/3'",
        "meter/fold-differs nerc/stack/vm/3")]
    [InlineData("delete from metering.segment where resource like '%/2'", "meter/fold-differs nerc/stack/vm/2")]
    [InlineData("delete from metering.reading where block = 2", "meter/index-differs metering.reading")]
    public async Task A_changed_block_is_named(string damage, string expected) =>
        Assert.Equal(expected, await Found(damage));

    internal static async Task<string> Found(string damage)
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var meter = new Meter(database, SystemClock.Instance);
        foreach (var part in Enumerable.Range(0, 3))
        {
            await meter.Ingest(Enumerable.Range(0, 20).Select(i => (Collected)Hour((part * 20) + i)), Ct);
        }

        await meter.Fold(Ct);
        await using (var command = database.CreateCommand(damage))
        {
            await command.ExecuteNonQueryAsync(Ct);
        }

        return string.Join(", ", (await meter.Verify(Ct)).Select(r => $"{r.Code} {r.Where}"));
    }

    private static Reading Hour(int number) => new()
    {
        Source = "urn:test",
        Id = $"{number}",
        Type = ReadingType.Interval,
        Resource = ResourceId.Parse($"nerc/stack/vm/{number % 4}"),
        Project = new("p"),
        From = Start + Duration.FromHours(number / 4),
        To = Start + Duration.FromHours((number / 4) + 1),
        State = ResourceState.Running,
        Shape = Shape.Of([new("vcpu", "1")]),
    };
}
