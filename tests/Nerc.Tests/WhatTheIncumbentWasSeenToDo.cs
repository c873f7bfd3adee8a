using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>Figures seen when NERC's scripts were run; 'nerc-compatible' must give every one of them.</summary>
public class WhatTheIncumbentWasSeenToDo
{
    private const string OldAtBu = "old@bu.edu,2020-01,1000.00,0.00,0.00";

    [Fact]
    public void Subsidy_comes_before_prepaid_money_and_changes_only_what_the_PI_owes()
    {
        var month = new NercCase().Ledger(OldAtBu).Group("G", "g@bu.edu", "Yes", "lab", "300")
            .Line("lab-1", "old@bu.edu", "150").Line("lab-2", "old@bu.edu", "40").Line("lab-3", "old@bu.edu", "500");
        Assert.Equal(
            ["150 - - 100 50 0 100", "40 - - 0 40 0 0", "500 - - 0 210 290 290"], month.Came(Fix.None));
        Assert.Equal(["2025-10|G|300.00"], month.Report("prepay_debits", Fix.None, "Month", "Group Name", "Debit"));

        // The row of the project shows what its first line used of the prepaid money, not 300.
        Assert.Equal(
            ["lab|690.00|50.00|0.00|100.00|290.00|0.00"],
            month.Report(
                "BU_Internal", Fix.None, "Project", "Cost", "Prepaid Group Used", "Credit", "Subsidy", "Balance",
                "Prepaid Group Balance"));
    }

    [Fact]
    public void A_new_PI_of_BU_gets_the_credit_first_and_the_subsidy_on_what_is_left()
    {
        var month = new NercCase()
            .Line("lab-1", "new@bu.edu", "980")
            .Line("lab-1", "new@bu.edu", "90", "OpenStack GPUA100SXM4")
            .Line("lab-1", "new@bu.edu", "70");
        Assert.Equal(
            ["980 980 0002 0 - 0 0", "90 - - 90 - 0 90", "70 20 0002 10 - 40 50"], month.Came(Fix.None));
        Assert.Equal(["40.00"], month.Report("BU_Internal", Fix.None, "Balance"));
        Assert.Equal(["0.00", "90.00", "50.00"], month.Report("NERC-", Fix.None, "Balance"));
    }

    [Fact]
    public void A_free_line_of_a_new_PI_carries_both_codes() => Assert.Equal(
        ["80 80 0005,0002 0 - 0 0", "50 50 0002 0 - 0 0"],
        new NercCase()
            .With(NercRole.NonbillablePis, "- username: new@mit.edu\n  non_billed_su_types:\n  - name: OpenStack CPU")
            .Line("a-1", "new@mit.edu", "80").Line("a-1", "new@mit.edu", "50", "OpenStack Storage").Came(Fix.None));

    [Fact]
    public void A_negative_line_raises_what_is_left_for_the_next() => Assert.Equal(
        ["-50 -50 0002 0 - 0 0", "1200 1050 0002 0 - 150 150"],
        new NercCase().Line("a-1", "new@mit.edu", "-50").Line("a-2", "new@mit.edu", "1200").Came(Fix.None));

    [Fact]
    public void Prepaid_money_is_spent_on_free_usage()
    {
        var month = new NercCase().Ledger("old@mit.edu,2020-01,1000,0,0").Group("G", "g@mit.edu", "no", "lab", "100")
            .Line("lab-1", "old@mit.edu", "50").Line("lab-1", "old@mit.edu", "80", cluster: "ocp-test");
        Assert.Equal(["50 - - 0 50 0 0", "80 - - 0 50 30 30"], month.Came(Fix.None));
        Assert.Equal(["2025-10|G|100.00"], month.Report("prepay_debits", Fix.None, "Month", "Group Name", "Debit"));
        Assert.Equal(["50.00", "50.00"], month.Report("MOCA", Fix.None, "Prepaid Group Used"));
    }

    [Theory]
    [InlineData("41.565", "41.56")]
    [InlineData("41.555", "41.55")]
    [InlineData("0.005", "0.01")]
    [InlineData("41.567", "41.57")]
    [InlineData("-41.565", "-41.56")]
    [InlineData("0.125", "0.12")] // Half a cent is exact in binary here, and goes to the even cent.
    [InlineData("0.375", "0.38")]
    [InlineData("1e2", "100")]
    [InlineData("99.29", "99.29")]
    public void A_cost_of_more_than_two_decimals_is_rounded_as_a_binary_fraction(string cost, string read) =>
        Assert.Equal(Text.Number(read), new NercCase().Line("a-1", "x@y.org", cost).Run().Lines[0].Cost.Amount);

    [Fact]
    public void Two_entries_for_one_project_and_cluster_make_later_lines_take_a_neighbours_answer()
    {
        var month = new NercCase()
            .With(NercRole.NonbillableProjects, Entries("free-1", "free-1"))
            .Line("free-1", "a@mit.edu", "10").Line("x-1", "h@harvard.edu", "60").Line("y-1", "b@mit.edu", "20");
        Assert.Equal(["10.00", "60.00"], month.Report("nonbillable", Fix.None, "Cost"));
        Assert.Equal(["20.00"], month.Report("billable", Fix.None, "Cost"));
    }

    [Fact]
    public void A_billable_line_without_a_PI_is_in_no_report_of_what_is_billed()
    {
        var month = new NercCase().Line("a-1", null, "33").Line("b-1", "", "7");
        Assert.Equal([], month.Report("nonbillable", Fix.None, "Cost"));
        Assert.Equal(["7.00"], month.Report("billable", Fix.None, "Cost")); // An empty PI is not a missing one.
    }

    [Fact]
    public void Projects_of_one_name_are_one_row_under_the_first_PI() => Assert.Equal(
        ["a@bu.edu|stack|lab|30.00|30.00"],
        new NercCase().Ledger("a@bu.edu,2020-01,0,0,0", "b@bu.edu,2020-01,0,0,0")
            .Line("lab-1", "a@bu.edu", "10").Line("lab-2", "b@bu.edu", "20", cluster: "ocp-prod")
            .Report("BU_Internal", Fix.None, "Manager (PI)", "Cluster Name", "Project", "Cost", "Subsidy"));

    private static string Entries(params string[] names) => string.Concat(names.Select(name =>
        $"- name: {name}\n  clusters:\n  - name: stack\n"));
}
