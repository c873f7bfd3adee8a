using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

/// <summary>
/// What was reported of a closed month stays. On 417f1c4 enrolling somebody for later raised what was committed for a
/// month that was closed.
/// </summary>
public class PromisesOfClosedMonths
{
    [Fact]
    public async Task Later_decisions_change_no_report_of_a_closed_month()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        await world.Close(World.September);
        var before = await Report(world);
        Assert.Equal((new Money(10_000), 1), (before.Committed, before.Pis.Count));

        await Decide(world, fund => Fund.Enrol(fund, new("eve@bu.edu"), World.October, "bu", world.Now));
        await Decide(world, fund => Fund.Cap(fund, new("fay@bu.edu"), new(500), World.October, "bu", world.Now));
        await Decide(world, fund => Fund.Suspend(fund, new("ada@bu.edu"), World.October, "bu", world.Now));

        var after = await Report(world);
        Assert.Equal((before.Committed, before.Used), (after.Committed, after.Used));
        Assert.Equal(before.Pis, after.Pis);
    }

    [Fact]
    public async Task Decisions_for_a_closed_month_are_refused_unless_finance_accepts_a_correction()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 10);
        await world.Close(World.September);

        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => ActOnFund.CheckOpen(world.Journal, World.September, accepts: false, World.Ct));
        Assert.Equal("fund/closed-month", refused.Refusal.Code);
        await ActOnFund.CheckOpen(world.Journal, World.September, accepts: true, World.Ct);
        await ActOnFund.CheckOpen(world.Journal, World.October, accepts: false, World.Ct);
    }

    private static Task<ProgrammeStanding> Report(World world) =>
        ProgrammeStanding.Of(world.Sources, "bu-subsidy", World.September, world.Now, World.Ct);

    private static async Task Decide(World world, Func<Fund, Decision<FundEvent>> rule)
    {
        world.Now += NodaTime.Duration.FromHours(1);
        await world.Journal.Decide(Fund.Fold, "bu-subsidy", rule, World.Ct);
    }
}
