using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

public class ActingOnFunds
{
    private static readonly PiId Ada = new("ada@bu.edu");
    private static readonly PiId Bob = new("bob@elsewhere.edu");
    private static readonly BillingMonth September = World.September;
    private static readonly BillingMonth October = World.October;
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 3, 12, 0);

    [Fact]
    public void Enrolling_counts_once() => Given.Events(Fund.Fold)
        .When(fund => Fund.Enrol(fund, Bob, October, "bu", Noon))
        .Then(new FundEvent.Enrolled(Bob, October, "bu", Noon));

    [Fact]
    public void A_cap_below_nothing_is_refused() => Given.Events(Fund.Fold)
        .When(fund => Fund.Cap(fund, Ada, new(-1), October, "bu", Noon))
        .ThenRefused("fund/negative-cap");

    [Fact]
    public void A_free_SKU_of_no_month_is_refused() => Given.Events(Fund.Fold)
        .When(fund => Fund.Free(fund, new(Ada, "CPU", October, October, "bu", Noon)))
        .ThenRefused("fund/no-months");

    /// <summary>A cap is dated, because closed months are worked out again under whatever is known now.</summary>
    [Fact]
    public async Task A_cap_says_nothing_of_the_months_before_it()
    {
        await using var world = await Used();
        await world.Close(September);
        await world.Journal.Execute(new ChangeFund(
            ActOnFund.Find(world.Programmes, "bu-subsidy"), [ProgrammeKind.Subsidy], "decide", "",
            (fund, _) => Fund.Cap(fund, Ada, new(2_500), October, "bu", Noon)), world.Now, World.Ct);

        var lines = (await world.Close(October)).Plan!.Drafts.Single(draft => draft.Pi == Ada).Lines;

        Assert.All(lines, line => Assert.Null(line.Adjusts));
        Assert.Equal(new Money(2_500), Money.Sum(lines.SelectMany(line => line.Funds).Select(f => f.Amount)));
    }

    [Fact]
    public async Task Whom_the_payer_enrols_gets_the_subsidy_from_that_month_on()
    {
        await using var world = await Used();
        await world.Journal.Execute(new ChangeFund(
            ActOnFund.Find(world.Programmes, "bu-subsidy"), [ProgrammeKind.Subsidy], "decide", "",
            (fund, _) => Fund.Enrol(fund, Bob, October, "bu", Noon)), world.Now, World.Ct);

        Assert.Empty((await world.Close(September)).Plan!.Drafts.Single(draft => draft.Pi == Bob).Lines[0].Funds);
        Assert.Equal("bu-subsidy", (await world.Close(October)).Plan!.Drafts.Single(draft => draft.Pi == Bob)
            .Lines[0].Funds.Single().Fund);
    }

    [Fact]
    public async Task A_SKU_that_is_free_for_a_PI_is_paid_before_all_other_funds()
    {
        await using var world = await Used();
        world.Programmes.Add(new("free", ProgrammeKind.FreeSku, "0005", "mghpcc", 5, true,
            [new(new(2020, 1), null, null, 1, false, [], [], ProgrammeShare.InOrder, [])]));
        await world.Journal.Execute(new ChangeFund(
            ActOnFund.Find(world.Programmes, "free"), [ProgrammeKind.FreeSku], "decide", "",
            (fund, _) => Fund.Free(fund, new(Ada, "OpenStack GPU*", September, October, "mghpcc", Noon))), world.Now, World.Ct);

        var line = (await world.Close(September)).Plan!.Drafts.Single(draft => draft.Pi == Ada).Lines.Single();

        Assert.Equal([new FundShare("free", "mghpcc", line.Amount, false)], line.Funds);
        Assert.DoesNotContain((await world.Close(October)).Plan!.Drafts.SelectMany(draft => draft.Lines)
            .SelectMany(l => l.Funds), share => share.Fund == "free");
    }

    [Fact]
    public async Task A_payer_sees_what_it_promised_paid_has_left_and_will_have_paid()
    {
        await using var world = await Used();
        await world.Close(September);
        world.Now = October.Start + Duration.FromDays(10);

        var closed = await ProgrammeStanding.Of(world.Sources, "bu-subsidy", September, world.Now, World.Ct);
        var open = await ProgrammeStanding.Of(world.Sources, "bu-subsidy", October, world.Now, World.Ct);

        Assert.Equal(
            (new Money(10_000), new Money(1_803), new Money(8_197), new Money(1_803)),
            (closed.Committed, closed.Used, closed.Left, closed.Forecast));
        Assert.Equal((new Money(10_000), new Money(3_606), new Money(10_000)),
            (open.Committed, open.Used, open.Forecast));
    }

    [Fact]
    public async Task Another_kind_of_programme_is_not_acted_on()
    {
        await using var world = await World.Start();

        var refused = await Assert.ThrowsAsync<RefusedException>(() => world.Journal.Execute(
            new ChangeFund(
                ActOnFund.Find(world.Programmes, "new-pi"), [ProgrammeKind.Subsidy], "decide", "", (_, _) => []),
            world.Now, World.Ct));

        Assert.Equal("programme/other-kind", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_landlord_that_may_not_know_its_customers_gets_other_names_that_stay_the_same()
    {
        await using var world = await Used();
        world.Landlords = new([new(new("nerc"), "NERC", true, [])]);
        await world.Close(September);
        await world.Close(October);

        var texts = new List<string>();
        foreach (var month in (BillingMonth[])[September, October])
        {
            await using var text = new StringWriter();
            await ChargesExport.Write(world.Sources, new(month, new("nerc")), text, World.Ct);
            texts.Add(text.ToString());
        }

        Assert.All(texts, text => Assert.DoesNotContain("@", text, StringComparison.Ordinal));
        Assert.Equal(CustomerOf(texts[0], "p-ada"), CustomerOf(texts[1], "p-ada"));
        Assert.NotEqual(CustomerOf(texts[0], "p-ada"), CustomerOf(texts[0], "p-bob"));
    }

    private static string CustomerOf(string csv, string project) => csv.Split('\n')
        .First(row => row.Contains($",{project},", StringComparison.Ordinal)).Split(',')[2];

    private static async Task<World> Used()
    {
        var world = await World.Start();
        await world.Ran("p-ada", September, 1, 10, gpu: true);
        await world.Ran("p-bob", September, 1, 10);
        await world.Ran("p-ada", October, 1, 20, gpu: true);
        await world.Ran("p-bob", October, 1, 10);
        return world;
    }
}
