using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Journal;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>A closed month rated from its usage is what its close kept, until something comes to it.</summary>
public class ClosedMonthsRateAsKept
{
    [Fact]
    public async Task A_month_to_which_nothing_came_rates_to_what_was_kept()
    {
        await using var world = await Closed();
        var rated = await Rated(world);
        Assert.Equal((1, 520L), (rated.Charges, rated.Total.Cents));
        Assert.Empty(rated.Differences);
    }

    /// <summary>Ten hours more of 4 SU at $0.013: 0.52 that the next close bills; nothing is wrong.</summary>
    [Fact]
    public async Task Late_usage_is_told_as_a_difference_and_is_not_wrong()
    {
        await using var world = await Closed();
        await world.Ran("p-ada", World.September, 20, 10);
        var rated = await Rated(world);
        Assert.EndsWith(
            "of ada@bu.edu: kept 5.20 USD, rates to 5.72 USD", rated.Differences.Single(), StringComparison.Ordinal);
        Assert.Empty(rated.Wrong);
    }

    [Fact]
    public async Task Usage_that_is_gone_is_wrong()
    {
        await using var world = await Closed();
        await world.Database.Execute("truncate metering.page", [], World.Ct);
        Assert.Contains("kept 5.20 USD, rates to", (await Rated(world)).Wrong.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_month_that_is_not_closed_is_refused()
    {
        await using var world = await World.Start();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Rated(world));
        Assert.Equal("verify/not-kept", refused.Refusal.Code);
    }

    /// <summary>Whoever was billed elsewhere is not new here, so what closes granted is looked at again.</summary>
    [Fact]
    public async Task Opening_balances_have_closed_months_looked_at()
    {
        await using var world = await Closed();
        Assert.Equal([], await Looked(world));
        await world.Journal.Execute(
            new TakeOverBalances(
                [new(new("carl@bu.edu"), new(2025, 3), null, Money.Zero,
                    ImmutableSortedDictionary<BillingMonth, Money>.Empty)], "test"),
            world.Now, World.Ct);
        Assert.Equal([World.September], await Looked(world));
    }

    private static async Task<World> Closed()
    {
        var world = await World.Start();
        await world.Ran("p-ada", World.September, 1, 100);
        await world.Close(World.September);
        return world;
    }

    private static async Task<List<BillingMonth>> Looked(World world)
    {
        var looked = new List<BillingMonth>();
        await CloseMonth.Plan(
            world.Sources, World.October, "corrected", world.Now, World.Ct, looked: looked.Add);
        return looked;
    }

    private static Task<VerifyRated.RatedVerified> Rated(World world) =>
        VerifyRated.Run(world.Sources, World.September, world.Now, World.Ct);
}
