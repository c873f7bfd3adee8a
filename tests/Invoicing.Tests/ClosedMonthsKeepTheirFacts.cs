using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// What was billed by a program, an institution or terms stays billed by them. On 417f1c4 an amount of 50 instead of
/// 100 in the file billed 50.00 more of a closed month, a domain that was gone took all of the subsidy back, and a
/// promotion that was gone all of it.
/// </summary>
public class ClosedMonthsKeepTheirFacts
{
    private const string Subsidy = """
        programme: bu-subsidy
        kind: subsidy
        payer: bu-research-it
        order: 30
        terms:
          - {from: 2020-01, amount: "100", eligible: [Boston University]}
        """;

    private const string Promotion = """
        programme: new-pi
        kind: promotion
        payer: mghpcc
        order: 20
        terms:
          - {from: 2020-01, amount: "20", window_months: 2}
        """;

    private const string University = """
        institutions:
          - {name: Boston University, domains: [bu.edu], partner_since: 2013-06}
        """;

    private static readonly LocalDate October = new(2026, 10, 1);

    [Fact]
    public async Task An_edit_is_refused_for_closed_months_and_holds_from_the_month_it_is_published_for()
    {
        await using var world = await Closed();
        Assert.Equal((2_000, 10_000), await Paid(world));

        var edited = Subsidy.Replace("\"100\"", "\"50\"", StringComparison.Ordinal);
        Assert.Equal("facts/closed-month", (await Refused(world, edited)).Code);
        await world.Publish(edited, October);
        var october = await Next(world);

        Assert.DoesNotContain(october, line => line.Adjusts is not null);
        Assert.Equal(5_000, Of(october, "bu-subsidy"));
        Assert.Equal((2_000, 15_000), await Paid(world));
    }

    [Fact]
    public async Task A_domain_that_is_gone_is_gone_from_its_month_on()
    {
        await using var world = await Closed();
        var gone = University.Replace("bu.edu", "bu.example", StringComparison.Ordinal);
        Assert.Equal("facts/closed-month", (await Refused(world, gone)).Code);

        await world.Publish(gone, October);
        var october = await Next(world);

        Assert.DoesNotContain(october, line => line.Adjusts is not null);
        Assert.Equal(0, Of(october, "bu-subsidy"));
        Assert.Equal((2_000, 10_000), await Paid(world));
    }

    [Fact]
    public async Task A_program_that_ends_takes_nothing_back()
    {
        await using var world = await Closed();
        foreach (var id in new[] { "new-pi", "bu-subsidy" })
        {
            await Assert.ThrowsAsync<RefusedException>(() => Withdraw(id, new(2026, 9, 1)));
            await Withdraw(id, October);
        }

        Task Withdraw(string id, LocalDate from) => world.Journal.Execute(
            new WithdrawFact<Programme>(world.Sources, Programme.Facts, id, from, false, "test"), world.Now, World.Ct);

        var october = await Next(world);

        Assert.DoesNotContain(october, line => line.Adjusts is not null);
        Assert.Equal((2_000, 10_000), await Paid(world));
    }

    [Fact]
    public async Task Another_payer_pays_from_its_month_on_and_is_billed_for_no_other()
    {
        await using var world = await Closed();
        await world.Publish(
            Subsidy.Replace("bu-research-it", "bu-provost", StringComparison.Ordinal).Replace(
                "order: 30", "order: 5", StringComparison.Ordinal), October);

        var outcome = await world.Close(World.October);

        Assert.Equal(
            [("bu-provost", 10_000L)],
            outcome.Plan!.Parties.Where(of => of.Party.Kind == PartyKind.Payer)
                .Select(of => (of.Party.Name, of.Total.Cents)));
    }

    [Fact]
    public async Task What_was_known_when_a_month_was_closed_can_be_read_again()
    {
        await using var world = await Closed();
        var then = world.Now;
        world.Now += Duration.FromDays(1);
        await world.Publish(Subsidy.Replace("\"100\"", "\"50\"", StringComparison.Ordinal), October);

        var (before, after) = (
            await PublishedFacts.Read(world.Journal, World.Ct, then), await PublishedFacts.Read(world.Journal, World.Ct));

        Assert.Equal(
            (10_000L, 5_000L),
            (AmountOf(before, World.October), AmountOf(after, World.October)));
        Assert.Equal(10_000L, AmountOf(after, World.September));
    }

    private static long AmountOf(PublishedFacts facts, BillingMonth month) =>
        facts.Programmes.Single(p => p.Id == "bu-subsidy").At(month)!.Amount!.Value.Cents;

    private static async Task<World> Closed()
    {
        var world = await World.Start();
        world.Publishes = true;
        await world.Publish(Subsidy);
        await world.Publish(Promotion);
        await world.Publish(University);
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 20);
        await world.Ran("p-ada", World.October, 2, 700, vcpu: 20);
        await world.Close(World.September);
        return world;
    }

    private static async Task<List<InvoiceLine>> Next(World world) =>
        [.. (await world.Close(World.October)).Plan!.Drafts.SelectMany(draft => draft.Lines)];

    private static async Task<Refusal> Refused(World world, string yaml) =>
        (await Assert.ThrowsAsync<RefusedException>(() => world.Publish(yaml))).Refusal;

    private static long Of(IEnumerable<InvoiceLine> lines, string fund) =>
        lines.SelectMany(line => line.Funds).Where(share => share.Fund == fund).Sum(share => share.Amount.Cents);

    /// <summary>What the promotion and the subsidy paid in all.</summary>
    private static async Task<(long Promotion, long Subsidy)> Paid(World world)
    {
        async Task<long> Of(string id) => Money.Sum((await Journal.JournalDecisions.State(
            world.Journal, Fund.Fold, id, World.Ct)).Uses.Values.SelectMany(uses => uses.Values)).Cents;
        return (await Of("new-pi"), await Of("bu-subsidy"));
    }
}
