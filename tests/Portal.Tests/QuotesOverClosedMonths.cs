using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Funds;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Rating;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What funds would pay of a plan whose months are closed, or come after ones that are open: money pays once, whoever
/// spent it and whenever.
/// </summary>
public class QuotesOverClosedMonths
{
    private static readonly BillingMonth October = UsedMonth.Month;
    private static readonly BillingMonth November = October.Next;
    private static readonly PiId Ada = new("ada@bu.edu");

    /// <summary>
    /// A group paid for Ada and Ben, and October is closed. Ben owed 2,496.00, so the group's money is gone; or enough
    /// came to leave some. More of Ada's in October is paid by her credit (1,000.00 less 12.48), the subsidy (100.00),
    /// and what the group has left, which is what it paid in less what it spent.
    /// </summary>
    [Theory]
    [InlineData(30_00)]
    [InlineData(1_496_00)]
    [InlineData(1_600_00)]
    [InlineData(2_600_00)]
    public async Task What_a_group_spent_on_others_pays_no_more_of_a_closed_month(long paidIn)
    {
        await using var serving = await UsedMonth.Start();
        await PaidFor(serving, new(paidIn), ["p-ada", "p-ben"]);
        await UsedMonth.Close(serving);

        var told = await Told(serving, Planned(October, 1_500_00));

        var groups = await serving.Exchange.Kept.State(PrepaidGroups.Fold, PrepaidGroups.Id, Serving.Ct);
        var left = Money.Min(groups.Groups["Lab"].Balance, new(412_48));
        Assert.Equal(new(987_52), Paid(told, "nerc-new-pi-credit"));
        Assert.Equal(left, Paid(told, FundShare.OfGroup("Lab", Money.Zero).Fund));
        Assert.Equal(new Money(412_48) - left, told.Owed);
    }

    /// <summary>
    /// Of 1,000.00, October's bill had 12.48. 900.00 more in October leave 87.52 for November; the subsidy is 100.00.
    /// </summary>
    [Theory]
    [InlineData(900_00, 500_00)]
    [InlineData(1_000_00, 500_00)]
    [InlineData(1_00, 1_200_00)]
    public async Task Credit_that_a_plan_takes_of_a_closed_month_is_not_promised_again(long first, long then)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);

        var told = await Told(serving, Planned(October, first), Planned(November, then));

        Assert.Equal(new(987_52), Paid(told, "nerc-new-pi-credit"));
    }

    /// <summary>October is open, with 12.48 and 500.00: 487.52 of the credit are left for November.</summary>
    [Fact]
    public async Task All_charges_of_a_month_are_read()
    {
        await using var serving = await UsedMonth.Start();
        await using var alone = await Used(serving, Planned(October, 12_48), Planned(October, 500_00, "OpenStack GPUV100"));

        var told = await Told(serving, Planned(November, 1_500_00));

        Assert.Equal(new(487_52), Paid(told, "nerc-new-pi-credit"));
        Assert.Equal(new(912_48), told.Owed);
    }

    /// <summary>
    /// No month was ever closed. Who used something more than a year before has the credit for new PIs since then, and
    /// its months are over.
    /// </summary>
    [Theory]
    [InlineData(13)]
    [InlineData(20)]
    public async Task Open_months_longer_than_a_year_ago_take_of_the_money_too(int before)
    {
        await using var serving = await UsedMonth.Start();
        await using var alone = await Used(serving, Planned(November.Plus(-before), 950_00));

        var told = await Told(serving, Planned(November, 500_00));

        Assert.Equal(Money.Zero, Paid(told, "nerc-new-pi-credit"));
        Assert.Equal(new(400_00), told.Owed);
    }

    /// <summary>The page of a PI looks back as far: what was used more than a year ago took of the credit.</summary>
    [Fact]
    public async Task A_page_counts_open_months_longer_than_a_year_ago_too()
    {
        await using var serving = await UsedMonth.Start();
        await using var alone = await Used(serving, Planned(November.Plus(-13), 950_00), Planned(November, 500_00));

        await using var view = new View(serving.Exchange.Views, new("test", "", Web.Access.Role.Pi, Pi: Ada));
        var page = await AfterFunds.Of(view, serving.Exchange, November, Ada, UsedMonth.Now, Serving.Ct);

        Assert.Equal(new(400_00), Money.Sum(page.Lines.Select(line => line.PiBalance)));
        Assert.Equal("nerc-bu-subsidy", Assert.Single(page.Left).Programme);
    }

    /// <summary>Months between in which nothing was used are not gone through: a request may name any instant.</summary>
    [Fact]
    public async Task A_plan_in_seven_thousand_years_is_answered_as_soon_as_one_of_tomorrow()
    {
        await using var serving = await UsedMonth.Start();
        await using var alone = await Used(serving, Planned(October, 600_00));

        var told = await Told(serving, Planned(BillingMonth.Parse("9000-01"), 500_00))
            .WaitAsync(Waiting.Patience, Serving.Ct);

        Assert.Equal(Money.Zero, Paid(told, "nerc-new-pi-credit")); // Its months are long over.
        Assert.Equal(new(400_00), told.Owed);
    }

    private static async Task<PlanAfterFunds> Told(Serving serving, params Charge[] plan)
    {
        var funds = await FundsOfPlans.Read(serving.Exchange, Ada, Serving.Ct);
        var told = await funds.Of(plan, new("p-ada"), plan[0].Period.Start, Serving.Ct);
        var again = await funds.Of(plan, new("p-ada"), plan[0].Period.Start, Serving.Ct);
        Assert.Equal(told!.Funds, again!.Funds); // What is asked first changes nothing of what is asked next.
        return told;
    }

    private static Money Paid(PlanAfterFunds told, string fund) =>
        Money.Sum(told.Funds.Where(one => one.Fund == fund).Select(one => one.Amount));

    private static Charge Planned(BillingMonth month, long cents, string sku = "OpenStack CPU") => new()
    {
        Month = month,
        Period = month.Period,
        Landlord = new("nerc"),
        Service = "openstack",
        Cluster = new("stack"),
        Project = new("p-ada"),
        Sku = new(sku),
        Quantity = new(cents, new("SU-hour")),
        Rate = new(0.01m, new("SU-hour")),
        Amount = new(cents),
        Sheet = "nerc/openstack/2025-06-01#1",
        Policies = Policies.Corrected,
    };

    /// <summary>Until it is disposed of, the server does not rate the months, which would take this away again.</summary>
    private static async Task<IAsyncDisposable> Used(Serving serving, params Charge[] charges)
    {
        var alone = await serving.Exchange.Locks.Await(0, RateMonths.OpenMonths, Serving.Ct);
        foreach (var month in charges.GroupBy(charge => charge.Month))
        {
            await WriteMonth.Run(
                serving.Exchange.Database, new(month.Key, Basis: "", UsedMonth.Now),
                month.Select(charge => ShownCharge.Of(charge, "Ada's group", Ada, "Boston University")), [],
                MonthUse.None, Serving.Ct);
        }

        return alone;
    }

    private static Task PaidFor(Serving serving, Money amount, IReadOnlyList<string> projects) =>
        serving.Exchange.Journal.Append(
            [
                StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0, [
                    new PrepaidEvent.Opened("Lab", "lab@bu.edu", "me", October.Start),
                    new PrepaidEvent.PaidIn("Lab", "wire", amount, October, "me", October.Start),
                    .. projects.Select(project =>
                        new PrepaidEvent.Covered("Lab", project, October, null, "me", October.Start)),
                ]),
            ], Serving.Ct);
}
