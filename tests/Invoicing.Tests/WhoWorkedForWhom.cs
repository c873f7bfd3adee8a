using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// For whom a person worked when something was used decides who pays of it, whatever else came first in the month,
/// came late, or is somebody else's now. 1,000 SU-hours are 13.00.
/// </summary>
public class WhoWorkedForWhom
{
    private static readonly BillingMonth January = new(2026, 1);
    private static readonly BillingMonth February = new(2026, 2);
    private static readonly BillingMonth March = new(2026, 3);
    private static readonly BillingMonth April = new(2026, 4);
    private static readonly PiId Bob = new("bob@elsewhere.edu");

    private static readonly Institutions Universities = Institutions.Parse("""
        institutions:
          - {name: Boston University, domains: [bu.edu], partner_since: 2013-06}
          - {name: Elsewhere, domains: [elsewhere.edu]}
          - {name: Harvard University, domains: [harvard.edu], partner_since: 2013-06, invoiced_since: 2020-01}
        """, "institutions.yaml");

    /// <summary>
    /// Bob works at Boston University until March 16. Of what he used until then its subsidy pays 39.00, and 6.50 that
    /// are found later; of 52.00 after it nothing. Before, the first of all lines decided for the whole month: 0.00,
    /// and with what was found late, which came first, 97.50; the other way round 91.00 instead of 39.00.
    /// </summary>
    [Theory, InlineData("a-before", "b-after"), InlineData("b-before", "a-after")]
    public async Task A_subsidy_pays_for_what_was_used_in_its_time(string before, string after)
    {
        await using var world = await Start(before, after);
        world.Programmes.RemoveAt(0);
        await Works(world, "Boston University", March);
        await Works(world, "Elsewhere", March, day: 16);
        await world.Ran(before, March, 1, 300, vcpu: 10);
        await world.Ran(after, March, 18, 200, vcpu: 20);

        Assert.Equal((9_100, 3_900), Paid(await world.Close(March)));

        await world.Ran(after, March, 5, 100, vcpu: 5);
        Assert.Equal((650, 650), Paid(await world.Close(April)));
        Assert.Equal((0, 0), Paid(await world.Close(April.Next)));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// Where the directory alone says that Bob works at Boston University: January goes down by 13.00 of the new PI's
    /// credit, which pays 13.00 of February instead. The subsidy of February stays; before, its 100.00 were taken back.
    /// </summary>
    [Fact]
    public async Task A_correction_takes_no_subsidy_of_another_month_back()
    {
        await using var world = await Start("p-bob");
        await Works(world, "Boston University", January);
        await world.Ran("p-bob", January, 1, 100, vcpu: 10);
        await world.Ran("p-bob", February, 1, 600, vcpu: 150);
        Assert.Equal((1_300, 1_300), Paid(await world.Close(January)));
        Assert.Equal((117_000, 108_700), Paid(await world.Close(February)));

        await world.Meter.Ingest(
            [Metering.Corrections.Of(
                new("nerc"), "urn:test", "nerc/stack/vm/vm-1", "a test", null, world.Now)], World.Ct);
        var march = await world.Close(March);

        Assert.Equal((-1_300, 0), Paid(march));
        Assert.DoesNotContain("bu-subsidy", march.Plan!.Spent.Keys);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// Harvard took 13.00 of Eve's; then the project turns out to be Bob's. Harvard has its 13.00 back, not Eve; and
    /// where it was hers after all, Harvard owes them again. Before, Eve had a credit note of what she never paid.
    /// </summary>
    [Fact]
    public async Task Who_paid_for_a_project_that_was_somebody_elses_has_it_back()
    {
        await using var world = await Start();
        world.Programmes.Clear();
        await Owns(world, "eve@harvard.edu");
        await world.Ran("p", January, 1, 100, vcpu: 10);
        await world.Close(January);
        await Owns(world, Bob.Value);
        await world.Close(February);
        Assert.Equal([("pi:bob@elsewhere.edu", 1_300L)], await Owed(world));

        await Owns(world, "eve@harvard.edu");
        await world.Close(March);
        Assert.Equal([("institution:Harvard University", 1_300L)], await Owed(world));
        Assert.Empty((await world.Close(April)).Plan!.Drafts);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// Ada was granted the new PIs' credit under each of two addresses, in January and in April. Once they are one
    /// person all that was spent stays, and nothing more is granted. Before, the 52.00 of April were asked of her.
    /// </summary>
    [Theory, InlineData("ada@bu.edu", "ada@harvard.edu"), InlineData("ada@harvard.edu", "ada@bu.edu")]
    public async Task Two_addresses_that_were_both_granted_a_credit_keep_what_they_spent(string kept, string alias)
    {
        await using var world = await World.Start();
        world.Institutions = Universities;
        world.Programmes.RemoveAt(1);
        await world.Told("cluster,project,name,pi,from\nstack,p-har,Har,ada@harvard.edu,2026-01");
        await world.Ran("p-ada", January, 1, 100, vcpu: 10);
        await world.Ran("p-har", April, 1, 400, vcpu: 10);
        foreach (var month in new[] { January, February, March, April })
        {
            await world.Close(month);
        }

        await world.Journal.Execute(new MergePis(new(kept), new(alias), "test"), world.Now, World.Ct);
        Assert.Empty((await world.Close(April.Next)).Plan!.Drafts);

        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0002", "wrong"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Single(await world.Journal.Execute(
            new ReissueInvoice(world.Sources, "PI-2026-0002"), world.Now, World.Ct));
        await world.CatchUp();
        Assert.Empty(await Owed(world));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public void Whoever_is_resumed_earlier_than_was_said_before_is_paid_for_from_then_on()
    {
        FundEvent[] said =
        [
            new FundEvent.Suspended(Bob, January, "bu", World.Later),
            new FundEvent.Resumed(Bob, April, "bu", World.Later),
            .. Fund.Resume(
                Fund.Fold.Of(
                [
                    new FundEvent.Suspended(Bob, January, "bu", World.Later),
                    new FundEvent.Resumed(Bob, April, "bu", World.Later),
                ]), Bob, March, "bu", World.Later).OrThrow(),
        ];

        var fund = Fund.Fold.Of(said);
        Assert.Equal(
            [true, true, false, false, false],
            new[] { January, February, March, April, April.Next }.Select(month => fund.IsSuspended(Bob, month)));
    }

    private static async Task<World> Start(params string[] projects)
    {
        var world = await World.Start();
        world.Institutions = Universities;
        await world.Told("cluster,project,name,pi\n" + string.Join('\n', projects.Select(
            project => $"stack,{project},{project},{Bob}")));
        return world;
    }

    private static Task Owns(World world, string pi) =>
        world.Told($"cluster,project,name,pi,from\nstack,p,P,{pi},2026-01");

    private static Task<int> Works(World world, string institution, BillingMonth month, int day = 1) =>
        world.Journal.Execute(
            new AffiliatePerson(
                Universities, Bob, institution, month.Start + Duration.FromDays(day - 1), "test",
                _ => Task.FromResult<Instant?>(null)), world.Now, World.Ct);

    /// <summary>What a close bills, and what of it funds pay, in cents.</summary>
    private static (long Amount, long Funds) Paid(CloseMonth.CloseOutcome outcome)
    {
        var lines = outcome.Plan!.Drafts.SelectMany(draft => draft.Lines).ToList();
        return (
            lines.Sum(line => line.Amount.Cents),
            lines.SelectMany(line => line.Funds).Sum(fund => fund.Amount.Cents));
    }

    private static async Task<IEnumerable<(string Account, long Cents)>> Owed(World world) =>
        (await AccountList.Run(world.Database, World.Ct))
            .Where(row => !row.Balance.IsZero).Select(row => (row.Account.ToString(), row.Balance.Cents));
}
