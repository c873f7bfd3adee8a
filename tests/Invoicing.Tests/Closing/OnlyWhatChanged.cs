using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Rating;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>A close looks at closed months to which something came, and at no others.</summary>
public class OnlyWhatChanged
{
    private static readonly BillingMonth January = new(2026, 1);

    /// <summary>
    /// Of five closed months nothing is rated again when nothing came; a late reading of March makes March and no other
    /// be rated. Seen to fail when every closed month was worked out again.
    /// </summary>
    [Fact]
    public async Task Closed_months_to_which_nothing_came_are_not_worked_out_again()
    {
        await using var world = await Closed(5);
        Assert.Empty(await Looked(world));

        await world.Ran("p-bob", new(2026, 3), 5, 10);
        Assert.Equal([new(2026, 3)], await Looked(world));
        var lines = (await world.Close(new(2026, 6))).Plan!.Drafts.Single().Lines;
        Assert.Equal(
            [(new BillingMonth(2026, 3), 52L)], lines.Select(line => (line.Adjusts!.Value, line.Amount.Cents)));
        Assert.Empty(await Looked(world, new(2026, 7)));
    }

    [Fact]
    public async Task An_owner_told_backward_is_looked_for_in_what_was_billed()
    {
        await using var world = await Closed(3);
        await world.Told("cluster,project,name,pi\nstack,p-new,New,new@bu.edu");
        Assert.Empty(await Looked(world));

        await world.Told("cluster,project,name,pi,from\nstack,p-bob,Bob's,eve@elsewhere.edu,2026-02");
        Assert.Equal([new(2026, 2), new(2026, 3)], await Looked(world));
    }

    [Fact]
    public async Task A_void_invoice_has_its_months_looked_at()
    {
        await using var world = await Closed(3);
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0003", "wrong"), world.Now, World.Ct);
        Assert.Equal([new(2026, 2)], await Looked(world));
    }

    /// <summary>
    /// February has two sheets that ask for a minimum, and a close by older rules asked for both: it is looked at once
    /// more, and no other month. Seen to fail: no close looked at it until something came to it.
    /// </summary>
    [Fact]
    public async Task A_month_that_other_rules_rate_otherwise_is_looked_at_once()
    {
        static PricingText Floor(string from) => new($"{from}.yaml", $$"""
            landlord: nerc
            service: floor
            clusters: [stack]
            from: {{from}}
            currency: USD
            skus:
              - name: Floor
                unit: hour
                rate: "1"
                counts: resource
                per: hour
                minimum_charge: "5"
                match: {kind: network}
            examples:
              - name: an hour
                usage:
                  - {kind: network, hours: "1"}
                total: "5.00"
            """);

        await using var world = await World.Start();
        Assert.Empty((await PublishPrices.Run(
            world.Journal, [Floor("2026-01"), Floor("2026-02-15T00:00:00Z")], PricePublishContext.Nothing, "test",
            NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), World.Ct)).Refusals);
        foreach (var month in (BillingMonth[])[January, January.Next, January.Plus(2)])
        {
            await world.Ran("p-bob", month, 1, 10);
            await world.Close(month);
        }

        Assert.Empty(await Looked(world, January.Plus(3)));
        var read = await ReadForClose.Begin(world.Sources, false, World.Ct);
        _ = await read.Inputs(January.Plus(3), "corrected", new HashSet<string>(), world.Now, World.Ct);
        var older = read.Months with { LastSeen = read.Months.LastSeen! with { Rules = 0 } };
        var changed = new ChangedMonths(world.Sources, older, read.Rating, new KeptCharges(world.Database, older));
        Assert.Equal([January.Next], await changed.Find(
            read.Seen!, new Dictionary<string, IReadOnlyList<FundEvent>>(), [], World.Ct));
    }

    [Fact]
    public async Task A_cap_told_backward_is_looked_at_from_its_month_on()
    {
        await using var world = await Closed(3);
        await world.Journal.Execute(new ChangeFund(
            ActOnFund.Find(world.Programmes, "bu-subsidy"), [ProgrammeKind.Subsidy], "decide", "",
            (fund, _) => Fund.Cap(fund, new("ada@bu.edu"), new(1), new(2026, 2), "bu", world.Now)), world.Now, World.Ct);
        Assert.Equal([new(2026, 2), new(2026, 3)], await Looked(world));
    }

    /// <summary>
    /// A grant of 1,000 for two months: 660.40 used in January, 339.60 of February's 700.70. January loses 260.00, so
    /// the grant pays 260.00 more of February, though nothing came to February.
    /// </summary>
    [Fact]
    public async Task What_a_correction_frees_of_a_grant_pays_the_same_persons_next_month_at_once()
    {
        await using var world = await World.Start();
        world.Programmes.RemoveAll(programme => programme.Id == "bu-subsidy");
        world.Institutions = Books.Institutions;
        await world.Ran("p-ada", January, 1, 100, vcpu: 308);
        await world.Told("cluster,project,name,pi,from\nstack,p-more,More,ada@bu.edu,2026-01");
        await world.Ran("p-more", January, 2, 100, vcpu: 200);
        await world.Close(January);
        await world.Ran("p-ada", January.Next, 1, 100, vcpu: 539);
        await world.Close(January.Next);
        await world.Told("cluster,project,name,pi,from\nstack,p-more,More,bob@elsewhere.edu,2026-01");

        var plan = (await world.Close(January.Plus(2))).Plan!;

        var ada = plan.Drafts.Single(draft => draft.Pi == new PiId("ada@bu.edu")).Lines;
        Assert.Equal(
            [(January, -26_000L, -26_000L), (January.Next, 0L, 26_000L)],
            ada.Select(line => (
                line.Adjusts!.Value, line.Amount.Cents, line.Funds.Sum(share => share.Amount.Cents))));
        Assert.Empty((await CloseMonth.Plan(
            world.Sources, January.Plus(3), "corrected", world.Now, World.Ct)).Plan!.Drafts);
    }

    /// <summary>January and on, with Ada and Bob in each.</summary>
    private static async Task<World> Closed(int months)
    {
        var world = await World.Start();
        for (var n = 0; n < months; n++)
        {
            await world.Ran("p-ada", January.Plus(n), 1, 10);
            await world.Ran("p-bob", January.Plus(n), 1, 10);
            await world.Close(January.Plus(n));
        }

        return world;
    }

    private static async Task<IReadOnlyList<BillingMonth>> Looked(World world, BillingMonth? next = null)
    {
        var looked = new List<BillingMonth>();
        await CloseMonth.Plan(
            world.Sources, next ?? Months.Fold.Of(await world.Journal.Read<MonthEvent>("months-exchange", World.Ct))
                .Last!.Value.Next, "corrected", world.Now, World.Ct, looked: looked.Add);
        return looked;
    }
}
