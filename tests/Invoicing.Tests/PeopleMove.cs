using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// A person goes from one institution to another and keeps their history, and a project's customer code changes. On
/// 417f1c4 the new institution was billed 871.52 of the months before (promotion and subsidy were taken back), and all
/// of a month stood under the last code.
/// </summary>
public class PeopleMove
{
    private static readonly BillingMonth January = new(2026, 1);
    private static readonly BillingMonth February = new(2026, 2);
    private static readonly BillingMonth March = new(2026, 3);
    private static readonly BillingMonth April = new(2026, 4);

    private static readonly Institutions Universities = Institutions.Parse("""
        institutions:
          - {name: Boston University, domains: [bu.edu], partner_since: 2013-06}
          - {name: Harvard University, domains: [harvard.edu], partner_since: 2013-06, invoiced_since: 2020-01}
        """, "institutions.yaml");

    [Theory, InlineData("ada@harvard.edu", "ada@bu.edu"), InlineData("ada@bu.edu", "ada@harvard.edu")]
    public async Task The_new_institution_pays_from_the_move_on_and_what_was_granted_stays(string kept, string alias)
    {
        await using var world = await Moved();
        foreach (var month in new[] { January, February, March })
        {
            await world.Close(month);
        }

        await world.Journal.Execute(new MergePis(new(kept), new(alias), "test"), world.Now, World.Ct);
        var april = (await world.Close(April)).Plan!;

        Assert.DoesNotContain(april.Drafts.SelectMany(draft => draft.Lines), line => line.Adjusts is not null);
        Assert.Equal(
            [("Harvard University", new Money(14_352))],
            april.Parties.Where(of => of.Party.Kind == PartyKind.Institution).Select(of => (of.Party.Name, of.Total)));
        Assert.DoesNotContain(april.Parties, of => of.Party.Kind == PartyKind.Payer);
        Assert.Empty(april.Spent);
    }

    [Fact]
    public async Task Without_a_merge_the_second_address_is_somebody_new()
    {
        await using var world = await Moved();
        foreach (var month in new[] { January, February, March })
        {
            await world.Close(month);
        }

        var april = (await world.Close(April)).Plan!;

        Assert.Contains(april.Spent["new-pi"], happened => happened is FundEvent.Granted { Pi.Value: "ada@harvard.edu" });
    }

    [Fact]
    public async Task Where_the_address_stays_the_directory_says_for_whom_a_person_works()
    {
        await using var world = await World.Start();
        world.Institutions = Universities;
        await world.Ran("p-ada", March, 1, 736, vcpu: 15);
        await world.Ran("p-ada", April, 1, 719, vcpu: 15);
        Task<int> Told(string institution, Instant? closed) => world.Journal.Execute(
            new AffiliatePerson(
                Universities, new("Ada@bu.edu"), institution, April.Start, "test", _ => Task.FromResult(closed)),
            world.Now, World.Ct);
        async Task<string> Refused(string institution, Instant? closed) =>
            (await Assert.ThrowsAsync<RefusedException>(() => Told(institution, closed))).Refusal.Code;
        Assert.Equal("directory/unknown-institution", await Refused("Hogwarts", null));
        Assert.Equal("directory/closed-month", await Refused("Harvard University", April.End));
        Assert.Equal(1, await Told("Harvard University", null));
        Assert.Equal(0, await Told("Harvard University", null));

        var march = (await world.Close(March)).Plan!;
        var april = (await world.Close(April)).Plan!;

        Assert.Equal("Boston University", march.Drafts.Single().Institution);
        Assert.Equal("Harvard University", april.Drafts.Single().Institution);
    }

    /// <summary>
    /// Ada moves on March 16: of 96.72 Boston University pays 46.80 and Harvard 49.92, and what is found of March 2
    /// later, 1.30, is Boston University's. Before, whoever she worked for last was billed all of it.
    /// </summary>
    [Fact]
    public async Task Each_institution_pays_for_the_time_in_which_a_person_worked_for_it()
    {
        await using var world = await World.Start();
        world.Institutions = Institutions.Parse("""
            institutions:
              - {name: Boston University, domains: [bu.edu], invoiced_since: 2020-01}
              - {name: Harvard University, domains: [harvard.edu], invoiced_since: 2020-01}
            """, "institutions.yaml");
        world.Programmes.Clear();
        await world.Ran("p-ada", March, 1, 744, vcpu: 10);
        await world.Journal.Execute(
            new AffiliatePerson(
                world.Institutions, new("ada@bu.edu"), "Harvard University", March.Start + Duration.FromDays(15),
                "test", _ => Task.FromResult<Instant?>(null)), world.Now, World.Ct);

        Assert.Equal([("Boston University", 4_680L), ("Harvard University", 4_992L)], Owed(await world.Close(March)));
        var rows = await InvoiceList.Run(world.Database, new(March), World.Ct);
        Assert.Equal(
            [("Boston University", "taken", 4_680L), ("Harvard University", "taken", 4_992L)],
            rows.OrderBy(row => row.Institution).Select(row => (row.Institution!, row.Status, row.Owed.Cents)));

        await world.Ran("p-ada", March, 2, 100, vcpu: 1);
        await world.Ran("p-ada", April, 2, 100, vcpu: 2);
        Assert.Equal([("Boston University", 130L), ("Harvard University", 260L)], Owed(await world.Close(April)));
        foreach (var number in (string[])["IN-2026-0001", "IN-2026-0002", "IN-2026-0003", "IN-2026-0004"])
        {
            var explained = Assert.IsType<ExplainedNumber.OfParty>(
                await ExplainNumber.Run(world.Sources, number, World.Ct));
            Assert.All(explained.Lines, line => Assert.Equal(line.Amount, line.Comes));
        }

        // Both of March are taken back and issued again: each is its own institution's still.
        foreach (var number in (string[])["IN-2026-0001", "IN-2026-0002"])
        {
            await world.Journal.Execute(new VoidInvoice(world.Sources, number, "wrong"), world.Now, World.Ct);
            await world.CatchUp();
        }

        foreach (var row in rows)
        {
            await world.Journal.Execute(new VoidInvoice(world.Sources, row.Number!, "wrong"), world.Now, World.Ct);
            await world.CatchUp();
            Assert.Single(await world.Journal.Execute(
                new ReissueInvoice(world.Sources, row.Number!), world.Now, World.Ct));
            await world.CatchUp();
        }

        Assert.Equal(
            [("receivable:institution:Boston University", 4_810L), ("receivable:institution:Harvard University", 5_252L)],
            (await CorrectingInvoices.Balances(world))
                .Where(of => of.Account.StartsWith("receivable:", StringComparison.Ordinal) && !of.Balance.IsZero)
                .OrderBy(of => of.Account, StringComparer.Ordinal).Select(of => (of.Account, of.Balance.Cents)));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task Lines_stand_under_the_code_of_their_time_and_so_do_their_adjustments()
    {
        await using var world = await World.Start();
        world.Institutions = Universities;
        world.Programmes.Clear();
        await world.Told("""
            cluster,project,name,pi,code,from
            stack,p-har,Har,har@harvard.edu,111111,2026-01
            stack,p-har,Har,har@harvard.edu,222222,2026-03-16T00:00:00Z
            """);
        await world.Ran("p-har", March, 1, 15 * 24, vcpu: 10);
        await world.Ran("p-har", March, 16, 16 * 24, vcpu: 10);

        Assert.Equal([("111111", 4_680L), ("222222", 4_992L)], Codes(await world.Close(March)));

        await world.Ran("p-har", March, 2, 100, vcpu: 1);
        Assert.Equal([("111111", 130L)], Codes(await world.Close(April)));
    }

    [Fact]
    public void Everything_said_under_an_alias_is_the_persons()
    {
        var (old, now) = (new PiId("ada@bu.edu"), new PiId("ada@harvard.edu"));
        var fund = Fund.Fold.Of(
        [
            new FundEvent.Granted(old, January, new(100_000), World.Later),
            new FundEvent.Used(old, January, January, new(36_400), World.Later),
            new FundEvent.Used(now, January, February, new(100), World.Later),
            new FundEvent.Capped(old, new(5_000), "bu", World.Later, February),
            new FundEvent.Suspended(old, April, "bu", World.Later),
            new FundEvent.Enrolled(old, March, "bu", World.Later),
            new FundEvent.Freed(old, "OpenStack *", March, null, "x", World.Later),
        ]).Following(pi => pi == old ? now : pi);

        Assert.Equal([now], fund.Known());
        Assert.Equal(new Money(36_500), fund.Used(now, January));
        Assert.Equal(new Money(5_000), fund.CapOf(now, March));
        Assert.True(fund.IsSuspended(now, April));
        Assert.True(fund.IsEnrolled(now, March));
        Assert.True(fund.IsFree(now, new("OpenStack CPU"), April));
        Assert.Equal(new Money(100_000), fund.Grants[now].Amount);
    }

    private static IEnumerable<(string, long)> Owed(CloseMonth.CloseOutcome outcome) =>
        outcome.Plan!.Parties.Where(of => of.Party.Kind == PartyKind.Institution)
            .OrderBy(of => of.Party.Name, StringComparer.Ordinal).Select(of => (of.Party.Name, of.Owed.Cents));

    private static IEnumerable<(string? Code, long Cents)> Codes(CloseMonth.CloseOutcome outcome) =>
        outcome.Plan!.Parties.Where(of => of.Party.Kind == PartyKind.Institution)
            .SelectMany(of => of.Lines).Select(line => (line.Code, line.Amount.Cents));

    private static async Task<World> Moved()
    {
        var world = await World.Start();
        world.Institutions = Universities;
        await world.Told("""
            cluster,project,name,pi,from
            stack,p-ada,Ada's genomes,ada@bu.edu,2026-01
            stack,p-ada,Ada's genomes,ada@harvard.edu,2026-04
            """);
        foreach (var month in new[] { January, February, March })
        {
            await world.Ran("p-ada", month, 1, 700, vcpu: 40);
        }

        await world.Ran("p-ada", April, 1, 720, vcpu: 15);
        await world.Ran("p-ada", April, 1, 240, vcpu: 1);
        return world;
    }
}
