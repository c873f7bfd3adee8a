using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

/// <summary>
/// Groups that pay in before they use. Seen to fail when a later month's money paid for an earlier month.
/// </summary>
public class PayingAhead
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 9, 1, 12, 0);

    private static readonly PrepaidEvent[] Opened =
    [
        new PrepaidEvent.Opened("G", "g@bu.edu", "me", Noon), new PrepaidEvent.Opened("H", "h@bu.edu", "me", Noon),
        new PrepaidEvent.PaidIn("G", "wire-1", new(1_000), World.September, "me", Noon),
        new PrepaidEvent.Covered("G", "p-ada", World.September, null, "me", Noon),
    ];

    [Fact]
    public void The_same_payment_counts_once() => Given.Events(PrepaidGroups.Fold, Opened)
        .When(all => PrepaidGroups.Pay(all, new("G", "wire-2", new(500), World.October, "me", Noon)))
        .Then(new PrepaidEvent.PaidIn("G", "wire-2", new(500), World.October, "me", Noon));

    [Theory]
    [InlineData("G", "wire-1", 2_000, "prepaid/payment-differs")]
    [InlineData("G", "wire-2", -1_001, "prepaid/not-enough")]
    [InlineData("G", "wire-2", 0, "prepaid/not-enough")]
    [InlineData("X", "wire-2", 1, "prepaid/unknown-group")]
    public void A_payment_that_cannot_be_is_refused(string group, string reference, long cents, string code) =>
        Given.Events(PrepaidGroups.Fold, Opened)
            .When(all => PrepaidGroups.Pay(all, new(group, reference, new(cents), World.September, "me", Noon)))
            .ThenRefused(code);

    [Fact]
    public void Two_groups_do_not_pay_for_one_project_in_the_same_month() => Given.Events(PrepaidGroups.Fold, Opened)
        .When(all => PrepaidGroups.Cover(all, new("H", "p-ada", World.October, World.October.Next, "me", Noon)))
        .ThenRefused("prepaid/covered-elsewhere");

    [Fact]
    public void Said_again_the_months_of_a_project_change() => Given
        .Events(
            PrepaidGroups.Fold,
            [.. Opened, new PrepaidEvent.Covered("G", "p-ada", World.September, World.October, "me", Noon)])
        .When(all => PrepaidGroups.Cover(all, new("H", "p-ada", World.October, null, "me", Noon)))
        .Then(new PrepaidEvent.Covered("H", "p-ada", World.October, null, "me", Noon));

    [Fact]
    public void What_pays_for_a_later_month_is_not_taken_from_it()
    {
        var all = PrepaidGroups.Fold.Of(
        [
            .. Opened, new PrepaidEvent.PaidIn("G", "wire-2", new(700), World.October, "me", Noon),
            new PrepaidEvent.Used("G", new("a@bu.edu"), World.September, World.September, new(800), Noon),
            new PrepaidEvent.Used("G", new("a@bu.edu"), World.October, World.October, new(900), Noon),
        ]);

        var group = all.Groups["G"];
        Assert.Equal(
            [0, 800, 900, 0],
            new[] { World.September.Previous, World.September, World.October, World.October.Next }
                .Select(month => Math.Max(group.Available(month).Cents, 0)));
        Assert.Equal(0, group.Balance.Cents);
    }

    [Fact]
    public async Task A_group_pays_for_its_projects_what_the_subsidy_leaves_until_it_is_used_up()
    {
        await using var world = await Used();
        var closed = await world.Close(World.September);

        // Ada: 130.00 less 100.00 of the subsidy; Bob's project is not of the group before October.
        Assert.Equal(
            [("ada@bu.edu", 3_000L, 0L), ("bob@elsewhere.edu", 0L, 520L)],
            closed.Plan!.Drafts.Select(draft => (
                draft.Pi!.Value.Value, OfGroup(draft).Cents, draft.Lines.Sum(line => line.PiBalance.Cents))));
        await Act(world, all => PrepaidGroups.Pay(all, new("G", "wire-2", new(300), World.October, "me", Noon)));
        await world.Ran("p-bob", World.October, 1, 100);
        var october = (await world.Close(World.October)).Plan!;

        Assert.Equal(
            [("bob@elsewhere.edu", 500L, 20L)],
            october.Drafts.Select(draft => (
                draft.Pi!.Value.Value, OfGroup(draft).Cents, draft.Lines.Sum(line => line.PiBalance.Cents))));
        Assert.Equal(
            [("cash", 3_500L), ("payable:landlord:nerc", -14_040L), ("receivable:payer:bu-research-it", 10_000L),
             ("receivable:pi:bob@elsewhere.edu", 540L)],
            (await CorrectingInvoices.Balances(world)).Where(a => !a.Balance.IsZero)
                .Select(a => (a.Account, a.Balance.Cents)));
        Assert.Empty((await CloseMonth.Plan(
            world.Sources, World.October.Next, "corrected", world.Now, World.Ct)).Plan!.Drafts);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task A_void_invoice_gives_the_money_back_and_the_group_is_told()
    {
        await using var world = await Used();
        await world.Close(World.September);
        await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct);
        await world.CatchUp();

        Assert.Equal(3_200, (await Groups(world)).Groups["G"].Balance.Cents);
        await world.Told("cluster,project,name,pi,from\nstack,p-ada,Ada's genomes,eve@bu.edu,2026-01");
        var again = (await world.Close(World.October)).Parties.Single(of => of.Draft.Party.Kind == PartyKind.Group);

        Assert.Equal(("PG-2026-0002", Money.Zero, Money.Zero), (again.Number, again.Draft.Total, again.Draft.Owed));
        Assert.Equal(
            [("ada@bu.edu", -3_000L), ("eve@bu.edu", 3_000L)],
            again.Draft.Lines.Select(line => (line.Pi.Value, line.Amount.Cents)));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>A group with 32.00 for Ada's project by its id, and from October on for Bob's by its name.</summary>
    private static async Task<World> Used()
    {
        var world = await World.Start();
        world.Programmes.RemoveAll(programme => programme.Id == "new-pi");
        await Act(world, all => PrepaidGroups.Open(all, "G", "g@bu.edu", "me", Noon));
        await Act(world, all => PrepaidGroups.Pay(all, new("G", "wire-1", new(3_200), World.September, "me", Noon)));
        await Act(world, all => PrepaidGroups.Cover(all, new("G", "p-ada", World.September, null, "me", Noon)));
        await Act(world, all => PrepaidGroups.Cover(all, new("G", "=Bob & co", World.October, null, "me", Noon)));
        await world.Ran("p-ada", World.September, 1, 500, vcpu: 20);
        await world.Ran("p-bob", World.September, 1, 100);
        return world;
    }

    private static async Task Act(World world, Func<PrepaidGroups, Decision<PrepaidEvent>> rule) =>
        Assert.True(await world.Journal.Execute(
            new ChangePrepaid("prepaid", "", (all, _) => rule(all)), world.Now, World.Ct));

    private static async Task<PrepaidGroups> Groups(World world) => PrepaidGroups.Fold.Of(
        await world.Journal.Read<PrepaidEvent>("prepaid-exchange", World.Ct));

    private static Money OfGroup(InvoiceEvent.Drafted draft) => Money.Sum(draft.Lines
        .SelectMany(line => line.Funds).Where(share => share.Group is "G").Select(share => share.Amount));
}
