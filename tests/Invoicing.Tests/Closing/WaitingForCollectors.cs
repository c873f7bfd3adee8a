using System.Globalization;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Kept;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>A month is not closed over the heads of collectors that have not told all of it.</summary>
public class WaitingForCollectors
{
    [Theory]
    [InlineData("2026-10-31T23:45:00Z", "2026-11-02T00:00:00Z", "close/collector-behind")]
    [InlineData("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", null)]
    [InlineData("2026-08-01T00:00:00Z", "2026-09-30T23:59:59Z", null)] // It runs no more.
    [InlineData(null, "2026-11-02T00:00:00Z", null)] // It takes files and cannot tell.
    public async Task One_that_is_behind_stands_in_the_way(string? readUntil, string triedAt, string? code)
    {
        await using var world = await World.Start();
        await Collector(world, readUntil, triedAt);

        Assert.Equal(code, await Stopped(world));

        if (code is not null)
        {
            var outcome = await world.Close(World.October, $"{code}:pods");
            Assert.Equal([$"{code}:pods"], (await Closed(world)).Accepted);
            Assert.NotNull(outcome.Plan);
        }
    }

    [Theory]
    [InlineData("2026-10-31T23:45:00Z", "2026-11-01T02:00:00Z", "close/collector-gap")]
    [InlineData("2026-09-30T20:00:00Z", "2026-10-01T00:00:00Z", null)]
    [InlineData("2026-11-01T00:00:00Z", "2026-11-01T02:00:00Z", null)]
    public async Task A_gap_in_the_month_stands_in_the_way(string from, string to, string? code)
    {
        await using var world = await World.Start();
        await Collector(world, "2026-11-02T00:00:00Z", "2026-11-02T00:00:00Z");
        await Do(world, $"insert into metering.collector_gap values ('pods', '{from}', '{to}', '{to}')");

        Assert.Equal(code, await Stopped(world));
        Assert.NotNull((await world.Close(World.October, "close/collector-gap")).Plan);
    }

    private static async Task<string?> Stopped(World world)
    {
        await world.Ran("p-ada", World.October, 1, 100);
        await world.CatchUp();
        var plan = (await CloseMonth.Plan(world.Sources, World.October, "corrected", world.Now, World.Ct)).Plan!;
        var stops = plan.Checks.FirstOrDefault(check => check.Blocks);
        if (stops is not null)
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => world.Close(World.October));
            Assert.Equal(stops.Code, refused.Refusal.Code);
            Assert.Contains("'pods' of nerc", refused.Refusal.Message, StringComparison.Ordinal);
        }

        return stops?.Code;
    }

    private static async Task<MonthEvent.Closed> Closed(World world) => Months.Fold.Of(
        await world.Journal.Read<MonthEvent>($"months-{Months.Id}", World.Ct)).Closed[World.October];

    private static Task Collector(World world, string? readUntil, string triedAt) => Do(world, string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into metering.collector (name, kind, landlord, read_until, tried_at)
        values ('pods', 'prometheus', 'nerc', {(readUntil is null ? "null" : $"'{readUntil}'")}, '{triedAt}')
        """));

    private static async Task Do(World world, string sql)
    {
        await using var command = world.Database.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(World.Ct));
    }
}
