using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

public class ClosingMonths
{
    private const string Ada = "ada@bu.edu";
    private const string Bob = "bob@elsewhere.edu";

    [Fact]
    public void A_new_PI_of_a_partner_gets_the_credit_and_a_BU_PI_the_subsidy_on_what_is_left()
    {
        var line = OnlyLine(new Books().Charged(Books.October, Ada, "p", "CPU", 120_000).Close(Books.October));

        Assert.Equal(
            [new FundShare("new-pi", "mghpcc", new(100_000), false),
                new FundShare("bu-subsidy", "bu-research-it", new(10_000), true)],
            line.Funds);
        Assert.Equal(new Money(20_000), line.Balance);
        Assert.Equal(new Money(10_000), line.PiBalance);
    }

    [Fact]
    public void A_PI_of_no_partner_pays_everything() => Assert.Equal(
        new Money(120_000),
        OnlyLine(new Books().Charged(Books.October, Bob, "p", "CPU", 120_000).Close(Books.October)).PiBalance);

    [Fact]
    public void What_is_left_of_the_credit_is_used_in_the_next_month_and_lost_after_it()
    {
        var books = new Books().Charged(Books.September, Ada, "p", "CPU", 30_000)
            .Charged(Books.October, Ada, "p", "CPU", 50_000).Charged(Books.November, Ada, "p", "CPU", 50_000);
        books.Close(Books.September);

        Assert.Equal(new Money(50_000), OnlyLine(books.Close(Books.October)).Funds[0].Amount);
        Assert.DoesNotContain(OnlyLine(books.Close(Books.November)).Funds, share => share.Fund == "new-pi");
    }

    [Fact]
    public void The_subsidy_is_one_amount_a_month_over_all_projects_and_nothing_of_it_is_carried_over()
    {
        var books = new Books().Charged(Books.September, Ada, "a", "CPU", 4_000);
        books.Programmes.RemoveAt(0);
        books.Close(Books.September);
        books.Charged(Books.October, Ada, "a", "CPU", 8_000).Charged(Books.October, Ada, "b", "CPU", 8_000);

        var paid = books.Close(Books.October).Drafts.Single().Lines.SelectMany(line => line.Funds)
            .Select(f => f.Amount.Cents);

        Assert.Equal([8_000, 2_000], paid);
    }

    [Fact]
    public void A_suspended_PI_gets_no_subsidy_and_a_capped_one_the_cap()
    {
        var books = new Books().Charged(Books.October, Ada, "p", "CPU", 50_000)
            .Charged(Books.October, "eve@bu.edu", "q", "CPU", 50_000);
        books.Programmes.RemoveAt(0);
        books.Happened("bu-subsidy", new FundEvent.Suspended(new(Ada), Books.September, "bu", Books.Noon));
        books.Happened("bu-subsidy", new FundEvent.Capped(new("eve@bu.edu"), new(2_500), "bu", Books.Noon));

        Assert.Equal([50_000, 47_500], books.Close(Books.October).Drafts.Select(d => d.Lines.Single().PiBalance.Cents));
    }

    [Fact]
    public void Usage_that_comes_after_the_close_is_billed_by_the_next_one_and_names_its_month()
    {
        var books = new Books().Charged(Books.September, Bob, "p", "CPU", 1_000);
        books.Close(Books.September);
        books.Charged(Books.September, Bob, "p", "CPU", 1_300).Charged(Books.October, Bob, "p", "CPU", 700);

        var lines = books.Close(Books.October).Drafts.Single().Lines;

        Assert.Equal([(Books.September, 300L), (null, 700L)], lines.Select(l => (l.Adjusts, l.Amount.Cents)));
        Assert.Equal(Books.September.Period, lines[0].ServicePeriod);
        Assert.Equal(300m, lines[0].Quantity.Amount);
    }

    [Fact]
    public void Usage_that_turns_out_not_to_have_been_is_given_back_and_so_is_what_funds_paid_of_it()
    {
        var books = new Books().Charged(Books.September, Ada, "p", "CPU", 20_000);
        books.Close(Books.September);
        books.Forgotten(Books.September, "p").Charged(Books.October, Ada, "p", "CPU", 100_000);

        var lines = books.Close(Books.October).Drafts.Single().Lines;

        Assert.Equal([-20_000, 100_000], lines.Select(l => l.Amount.Cents));
        Assert.Equal([-20_000, 100_000], lines.Select(l => l.Funds.Single(f => f.Fund == "new-pi").Amount.Cents));
        Assert.Equal(new Money(100_000), Money.Sum(books.FundOfProgramme("new-pi").Uses[new(Ada)].Values));
    }

    [Fact]
    public void A_project_without_an_owner_waits_in_suspense_until_someone_answers_for_it()
    {
        var books = new Books().Charged(Books.September, null, "p", "CPU", 900);
        Assert.Null(books.Close(Books.September).Drafts.Single().Pi);
        books.Charged(Books.September, Bob, "p", "CPU", 900);

        var drafts = books.Close(Books.October).Drafts;

        Assert.Equal([(Bob, 900L), (null, -900L)], drafts.Select(d => (d.Pi?.Value, d.Lines.Single().Amount.Cents)));
    }

    [Fact]
    public void A_second_look_at_unchanged_months_bills_nothing_of_them_again()
    {
        var books = new Books().Charged(Books.September, Ada, "p", "CPU", 123_456)
            .Charged(Books.September, null, "q", "CPU", 5);
        books.Close(Books.September);

        Assert.Empty(books.Plan(Books.October).Drafts);
    }

    [Fact]
    public void The_exchange_keeps_its_share_of_what_a_landlord_sold_and_every_entry_balances()
    {
        var plan = new Books().Charged(Books.October, Bob, "p", "Block GiB", 9_999).Plan(Books.October, share: 0.03m);

        Assert.Equal((new Money(9_999), new Money(300), new Money(9_699)),
            (plan.Settlements[0].Gross, plan.Settlements[0].Share, plan.Settlements[0].Payable));
        Assert.All(plan.Entries, entry => Assert.True(Money.Sum(entry.Postings.Select(p => p.Amount)).IsZero));
    }

    /// <summary>
    /// Invariant 2; whoever the safety bound leaves out is billed by the last close. Seen to fail when a fund paid more
    /// than a line owed, when adjustments were left out of settlements, and when the last close leaves them out too.
    /// </summary>
    [Fact]
    public void Whatever_is_charged_late_moved_or_forgotten_every_cent_is_owed_to_someone_and_by_someone() =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Histories, history =>
        {
            var books = new Books();
            var billed = 0L;
            var settled = 0L;
            foreach (var month in (BillingMonth[])[
                Books.September, Books.October, Books.November, Books.November.Next])
            {
                foreach (var (of, pi, project, cents) in history.Where(h => h.Told == month && h.Of <= month)
                    .Select(h => (h.Of, h.Pi, h.Project, h.Cents)))
                {
                    books.Charged(of, pi, project, "CPU", cents);
                }

                string[] accepted = month > Books.November ? ["close/parked"] : [];
                var plan = books.Close(month, accepted);
                billed += plan.Drafts.SelectMany(d => d.Lines)
                    .Sum(l => l.PiBalance.Cents + l.Funds.Sum(f => f.Amount.Cents));
                settled += plan.Settlements.Sum(s => s.Payable.Cents + s.Share.Cents);
            }

            var told = history.Where(h => h.Of <= h.Told).OrderBy(h => h.Told)
                .GroupBy(h => (h.Of, h.Project)).Sum(same => same.Last().Cents);
            var credit = books.FundOfProgramme("new-pi")
                .Uses.Values.All(uses => Money.Sum(uses.Values) <= new Money(100_000));
            return billed == told && settled == told && credit;
        }));

    private static InvoiceLine OnlyLine(ClosePlan plan) => plan.Drafts.Single().Lines.Single();

    private sealed record Fact(BillingMonth Told, BillingMonth Of, string? Pi, string Project, long Cents);

    private static Arbitrary<Fact[]> Histories
    {
        get
        {
            var month = Gen.Elements(Books.September, Books.October, Books.November);
            var one =
                from told in month
                from of in month
                from pi in Gen.Elements(Ada, Bob, null, "eve@bu.edu")
                from project in Gen.Elements("a", "b", "c")
                from cents in Gen.Choose(0, 150_000)
                select new Fact(told, of, pi, project, cents);
            return Arb.From(one.ArrayOf());
        }
    }
}
