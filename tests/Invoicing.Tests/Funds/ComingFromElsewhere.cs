using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

/// <summary>
/// Whoever was billed by another system before is not new here. On 417f1c4 a site that moved granted everybody the
/// promotion a second time.
/// </summary>
public class ComingFromElsewhere
{
    [Fact]
    public async Task Who_was_billed_before_is_granted_nothing_again()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        Assert.Equal(1, await Open(world, "Ada@bu.edu,2025-02,new-pi,1000,120.50"));
        Assert.Equal(0, await Open(world, "Ada@bu.edu,2025-02,new-pi,1000,120.50"));

        var plan = (await world.Close(World.September)).Plan!;

        Assert.DoesNotContain(plan.Spent.Keys, fund => fund == "new-pi");
        Assert.DoesNotContain(
            plan.Drafts.SelectMany(draft => draft.Lines).SelectMany(line => line.Funds),
            share => share.Fund == "new-pi");
    }

    [Fact]
    public async Task What_is_left_of_a_credit_pays_while_its_window_lasts()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        await Open(world, "ada@bu.edu,2026-08,new-pi,1000,900");

        var plan = (await world.Close(World.September)).Plan!;

        Assert.Equal(10_000, plan.Drafts.SelectMany(draft => draft.Lines).SelectMany(line => line.Funds)
            .Where(share => share.Fund == "new-pi").Sum(share => share.Amount.Cents));
    }

    [Fact]
    public async Task Whoever_was_billed_here_keeps_what_happened_here()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        await world.Close(World.September);
        var before = await world.Journal.State(Fund.Fold, "new-pi", World.Ct);

        Assert.Equal(0, await Open(world, "ada@bu.edu,2025-02,new-pi,1000,0"));

        Assert.Equal(before.Grants, (await world.Journal.State(Fund.Fold, "new-pi", World.Ct)).Grants);
    }

    [Theory, InlineData("ada@bu.edu,soon,,,"), InlineData("ada@bu.edu,2025-02,new-pi,10,20"), InlineData(",2025-02,,,")]
    public void A_row_that_cannot_be_is_refused_with_its_line(string row) => Assert.Equal(
        "opening.csv:2", Assert.Throws<RefusedException>(() => Parse(row)).Refusal.Where);

    private static IReadOnlyList<OpeningBalance> Parse(string row) =>
        OpenBalances.Parse($"pi,first_billed,program,granted,used\n{row}\n", "opening.csv");

    private static Task<int> Open(World world, string row) =>
        OpenBalances.Run(world.Journal, Parse(row), "test", world.Now, World.Ct);
}
