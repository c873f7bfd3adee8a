using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

/// <summary>
/// Who was billed by mistake is new still: what stands says who is, and neither an invoice that was taken back for good
/// nor usage that turned out to be somebody else's stands. Before, cy's first real month of 193.44 was paid by the
/// subsidy alone, which left 93.44 to pay.
/// </summary>
public class NewByWhatStands
{
    private static readonly PiId Cy = new("cy@bu.edu");
    private static readonly BillingMonth November = World.October.Next;
    private static readonly BillingMonth December = November.Next;

    /// <summary>5.20 of September were Ada's. Cy begins in November: the promotion pays all of 193.44.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_was_billed_for_somebody_elses_usage_is_new_when_they_begin(bool isVoid)
    {
        await using var world = await BilledByMistake();
        if (isVoid)
        {
            await Void(world);
        }

        await IsAdas(world);
        var october = Bills(await world.Close(World.October));
        Assert.Equal(isVoid ? [("ada@bu.edu", 520L)] : [("ada@bu.edu", 520L), ("cy@bu.edu", -520L)], october);
        await Uses(world, November, 20);

        Assert.Equal((19_344L, 0L, 0L), Of(await Close(world, November)));
        Assert.Equal(November, (await Grants(world)).Month);
        await world.HoldBooks();

        // 806.56 are left for December, in which 18 vCPU cost 174.10, and nothing comes back later.
        await Uses(world, December, 18);
        Assert.Equal((17_410L, 0L, 0L), Of(await Close(world, December)));
        await Uses(world, December.Next, 20);
        Assert.Equal((0L, 10_000L, 9_344L), Of(await Close(world, December.Next)));
        Assert.Empty((await Close(world, December.Next.Next)).Plan!.Drafts);
    }

    /// <summary>
    /// The usage is Cy's and was billed anew, at once or by the next close: the window of September's grant is over.
    /// </summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_is_billed_again_for_their_own_usage_is_as_new_as_then(bool atOnce)
    {
        await using var world = await BilledByMistake();
        await Void(world);
        if (atOnce)
        {
            Assert.Single(await world.Journal.Execute(
                new ReissueInvoice(world.Sources, "PI-2026-0001"), world.Now, World.Ct));
            await world.CatchUp();
        }

        Assert.Equal(atOnce ? [] : [("cy@bu.edu", 520L)], Bills(await world.Close(World.October)));
        await Uses(world, November, 20);
        Assert.Equal((0L, 10_000L, 9_344L), Of(await Close(world, November)));
        Assert.Equal(World.September, (await Grants(world)).Month);
        await world.HoldBooks();
    }

    /// <summary>
    /// September was a mistake that is found after October, which is Cy's own and 5.20: the grant is October's, so that
    /// November is in its window.
    /// </summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_grant_moves_to_the_first_month_that_is_theirs(bool isVoid)
    {
        await using var world = await BilledByMistake();
        await world.Told("cluster,project,name,pi,from\nstack,p-cy,Cy,cy@bu.edu,2026-01");
        await world.Ran("p-cy", World.October, 1, 100);
        Assert.Equal([("cy@bu.edu", 520L)], Bills(await world.Close(World.October)));
        if (isVoid)
        {
            await Void(world);
        }

        await IsAdas(world);
        await Uses(world, November, 20);
        Assert.Equal((isVoid ? 19_344L : 18_824L, 0L, 0L), Of(await Close(world, November)));
        Assert.Equal(World.October, (await Grants(world)).Month);
        await Uses(world, December, 20);
        Assert.Equal((0L, 10_000L, 9_344L), Of(await Close(world, December)));
        await world.HoldBooks();
    }

    /// <summary>What turns out to be theirs after all is theirs from then on: the mistake was to call it a mistake.</summary>
    [Fact]
    public async Task What_is_told_back_makes_nobody_new_twice()
    {
        await using var world = await BilledByMistake();
        await IsAdas(world);
        await world.Close(World.October);
        await world.Told("cluster,project,name,pi,from\nstack,p-x,X,cy@bu.edu,2026-01");
        await Uses(world, November, 20);
        Assert.Equal((520L, 10_000L, 9_344L), Of(await Close(world, November)));
        Assert.Equal(World.September, (await Grants(world)).Month);
        await Uses(world, December, 20);
        Assert.Equal((0L, 10_000L, 9_344L), Of(await Close(world, December)));
        await world.HoldBooks();
    }

    /// <summary>Who was billed elsewhere before is new to nobody, whatever is taken back here.</summary>
    [Fact]
    public async Task Who_was_billed_elsewhere_is_not_new_again()
    {
        await using var world = await World.Start();
        await world.Journal.Execute(
            new TakeOverBalances([new(Cy, new(2025, 2), null, Money.Zero, ImmutableSortedDictionary<BillingMonth, Money>.Empty)], "test"), world.Now, World.Ct);
        await world.Told("cluster,project,name,pi,from\nstack,p-x,X,cy@bu.edu,2026-01");
        await world.Ran("p-x", World.September, 1, 100);
        await world.Close(World.September);
        await Void(world);
        await IsAdas(world);
        await world.Close(World.October);
        await Uses(world, November, 20);
        Assert.Equal((0L, 10_000L, 9_344L), Of(await Close(world, November)));
    }

    private static async Task<World> BilledByMistake()
    {
        var world = await World.Start();
        await world.Told("cluster,project,name,pi,from\nstack,p-x,X,cy@bu.edu,2026-01");
        await world.Ran("p-x", World.September, 1, 100);
        Assert.Equal((520L, 0L, 0L), Of(await world.Close(World.September)));
        return world;
    }

    private static async Task Void(World world)
    {
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0001", "wrong PI"), world.Now, World.Ct);
        await world.CatchUp();
    }

    private static Task IsAdas(World world) =>
        world.Told("cluster,project,name,pi,from\nstack,p-x,X,ada@bu.edu,2026-01");

    /// <summary>744 hours of a month of 31 days from now on, whatever its length: 9.672 for each vCPU.</summary>
    private static async Task Uses(World world, BillingMonth month, int vcpu)
    {
        world.Now = month.End + Duration.FromDays(2);
        await world.Told("cluster,project,name,pi,from\nstack,p-cy,Cy,cy@bu.edu,2026-01");
        await world.Ran("p-cy", month, 1, 672, vcpu);
        await world.Ran("p-cy", month, 1, 72, vcpu);
    }

    private static Task<CloseMonth.CloseOutcome> Close(World world, BillingMonth month)
    {
        world.Now = month.End + Duration.FromDays(2);
        return world.Close(month);
    }

    private static async Task<FundEvent.Granted> Grants(World world) =>
        (await world.Journal.State(Fund.Fold, "new-pi", World.Ct)).Grants[Cy];

    private static IEnumerable<(string, long)> Bills(CloseMonth.CloseOutcome outcome) => outcome.Plan!.Drafts.Select(
        draft => (draft.Pi!.Value.Value, draft.Lines.Sum(line => line.Amount.Cents)));

    /// <summary>What the promotion and the subsidy pay for Cy, and what is left to pay, in cents.</summary>
    private static (long Promotion, long Subsidy, long Owed) Of(CloseMonth.CloseOutcome outcome)
    {
        var lines = outcome.Plan!.Drafts.Where(draft => draft.Pi == Cy).SelectMany(draft => draft.Lines).ToList();
        var funds = lines.SelectMany(line => line.Funds).ToList();
        return (
            funds.Where(fund => !fund.IsSubsidy).Sum(fund => fund.Amount.Cents),
            funds.Where(fund => fund.IsSubsidy).Sum(fund => fund.Amount.Cents),
            lines.Sum(line => line.PiBalance.Cents));
    }
}
