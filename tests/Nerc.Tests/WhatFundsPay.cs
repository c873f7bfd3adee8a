using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>The rules of credits, subsidies and prepaid money, which are no faults: both policies agree on them.</summary>
public class WhatFundsPay
{
    [Theory]
    [InlineData("", "900", "900", "new@mit.edu,2025-10,1000.00,900.00,0.00")]
    [InlineData("", "1200", "1000", "new@mit.edu,2025-10,1000.00,1000.00,0.00")]
    [InlineData("new@mit.edu,2025-10,500,1,2", "900", "900", "new@mit.edu,2025-10,1000.00,900.00,0.00")]
    [InlineData("new@mit.edu,2025-09,1000,300,0", "900", "700", "new@mit.edu,2025-09,1000.00,300.00,700.00")]
    [InlineData("new@mit.edu,2025-09,1000,300,55", "5", "5", "new@mit.edu,2025-09,1000.00,300.00,5.00")]
    [InlineData("new@mit.edu,2025-09,0,0,0", "900", "-", "new@mit.edu,2025-09,0.00,0.00,0.00")]
    [InlineData("new@mit.edu,2025-08,1000,0,0", "900", "-", "new@mit.edu,2025-08,1000.00,0.00,0.00")]
    [InlineData("new@mit.edu,2025-8,1000.00,0,", "900", "-", "new@mit.edu,2025-8,1000.00,0.00,")]
    public void A_new_PI_has_two_months_for_the_credit(string ledger, string cost, string credit, string after)
    {
        var month = new NercCase().Ledger(ledger).Line("a-1", "new@mit.edu", cost);
        Both(fixes =>
        {
            Assert.Equal(credit, month.Came(fixes)[0].Split(' ')[1]);
            Assert.Equal([after], Ledger(month, fixes));
        });
    }

    [Theory]
    [InlineData("new@mit.edu", "OpenShift GPUH100", "stack")]           // Excluded hardware alone,
    [InlineData("new@redhat.com", "OpenStack CPU", "stack")]           // no partner,
    [InlineData("new@meei.harvard.edu", "OpenStack CPU", "stack")]     // a hospital of a partner,
    [InlineData("new@mit.edu", "OpenStack CPU", "ocp-test")]           // nothing that is billed:
    public void The_clock_of_a_new_PI_starts_with_nothing_when_no_line_is_eligible(string pi, string su, string cluster)
    {
        var month = new NercCase().Line("a-1", pi, "900", su, cluster);
        Both(fixes =>
        {
            Assert.Equal("-", month.Came(fixes)[0].Split(' ')[1]);
            Assert.Equal([$"{pi},2025-10,0.00,0.00,0.00"], Ledger(month, fixes));
        });
    }

    [Fact]
    public void Before_September_2024_every_PI_was_eligible() => Both(fixes => Assert.Equal(
        "900", new NercCase("2024-08").Line("a-1", "new@redhat.com", "900").Came(fixes)[0].Split(' ')[1]));

    [Fact]
    public void A_PI_who_is_not_eligible_in_the_second_month_gets_no_rest()
    {
        var month = new NercCase().Ledger("new@mit.edu,2025-09,1000,300,44").Line("a-1", "new@mit.edu", "9", cluster: "ocp-test");
        Both(fixes => Assert.Equal(["new@mit.edu,2025-09,1000.00,300.00,0.00"], Ledger(month, fixes)));
    }

    [Fact]
    public void New_entries_stand_on_top_of_the_ledger() => Both(fixes => Assert.Equal(
        ["n2@mit.edu", "n1@mit.edu", "old@mit.edu"],
        Ledger(
            new NercCase().Ledger("old@mit.edu,2020-01,0,0,0").Line("a-1", "n1@mit.edu", "1").Line("b-1", "n2@mit.edu", "1"),
            fixes).Select(entry => entry.Split(',')[0])));

    [Fact]
    public void A_PI_of_the_future_stops_the_month() => Both(fixes => Assert.Equal(
        "nerc/pi-from-the-future",
        Assert.Throws<RefusedException>(() => new NercCase().Ledger("a@mit.edu,2025-11,0,0,0")
            .Line("a-1", "a@mit.edu", "1").Run(fixes)).Refusal.Code));

    [Fact]
    public void The_subsidy_is_one_amount_for_all_projects_and_clusters_of_a_PI()
    {
        const string Old = "a@bu.edu,2020-01,0,0,0\nb@bu.edu,2020-01,0,0,0\nc@mit.edu,2020-01,0,0,0";
        var month = new NercCase().Ledger(Old)
            .Line("a-1", "a@bu.edu", "60", cluster: "ocp-prod").Line("b-1", "b@bu.edu", "30").Line("c-1", "c@mit.edu", "7")
            .Line("d-1", "a@bu.edu", "80").Line("e-1", "a@bu.edu", "5", cluster: "ocp-test");
        Both(fixes => Assert.Equal(
            ["60 - - 60 - 0 60", "30 - - 30 - 0 30", "7 - - 0 - 7 7", "80 - - 40 - 40 80", "5 - - 0 - 5 5"],
            month.Came(fixes)));
    }

    [Fact]
    public void A_group_pays_from_what_is_left_of_its_credits_in_its_months()
    {
        var month = new NercCase().Ledger("a@mit.edu,2020-01,0,0,0").Group("G", "g@mit.edu", "Yes", "lab", "100")
            .Append(NercRole.PrepayCredits, "", "2025-10,G,7", "2025-11,G,1000")
            .Append(NercRole.PrepayDebits, "Month,Group Name,Debit", "2025-09,G,80", "2025-10,G,99", "2025-11,G,99")
            .Append(NercRole.PrepayProjects, "", "G,later,2025-11,2025-12", "G,before,2025-01,2025-09")
            .Line("later-1", "a@mit.edu", "1").Line("before-1", "a@mit.edu", "2")
            .Line("lab-1", "a@mit.edu", "20").Line("lab", "a@mit.edu", "30", cluster: "ocp-prod");
        Both(fixes =>
        {
            Assert.Equal(27, month.Run(fixes).Lines.Sum(line => line.GroupUsed?.Amount ?? 0));
            Assert.Equal(["|", "|", "G|0.00", "G|0.00"],
                month.Report("billable", fixes, "Prepaid Group Name", "Prepaid Group Balance"));
            Assert.Equal(
                ["2025-09|80.00", "2025-10|27.00", "2025-11|99.00"],
                month.Report("prepay_debits", fixes, "Month", "Debit"));
        });
    }

    [Fact]
    public void A_group_without_money_is_shown_all_the_same() => Both(fixes => Assert.Equal(
        ["G||0.00"],
        new NercCase().Ledger("a@mit.edu,2020-01,0,0,0").Group("G", "g@mit.edu", "Yes", "lab", "0")
            .Line("lab-1", "a@mit.edu", "1")
            .Report("billable", fixes, "Prepaid Group Name", "Prepaid Group Used", "Prepaid Group Balance")));

    [Fact]
    public void A_project_in_two_groups_is_of_the_later_contact() => Both(fixes => Assert.Equal(
        ["H|4.00"],
        new NercCase().Ledger("a@mit.edu,2020-01,0,0,0")
            .Group("G", "g@mit.edu", "Yes", "lab", "10").Group("H", "h@mit.edu", "Yes", "lab", "10")
            .Line("lab-1", "a@mit.edu", "4").Report("billable", fixes, "Prepaid Group Name", "Prepaid Group Used")));

    [Fact]
    public void A_group_that_used_more_than_it_paid_in_stops_the_month()
    {
        var month = new NercCase().Group("G", "g@mit.edu", "Yes", "lab", "10").Line("a-1", "a@mit.edu", "1")
            .Append(NercRole.PrepayDebits, "Month,Group Name,Debit", "2025-08,G,10", "2025-09,G,0.01");
        Both(fixes =>
        {
            var refused = Assert.Throws<RefusedException>(() => month.Run(fixes));
            Assert.Equal(("nerc/prepay-overdrawn", "PrepayDebits:3"), (refused.Refusal.Code, refused.Refusal.Where));
        });
    }

    [Fact]
    public void Lenovo_gets_its_price_of_the_month_billable_or_not() => Assert.Equal(
        ["1|7.00|", "0|0.00|Boston University"],
        new NercCase("2025-05").Line("a-1", null, "1", "OpenStack GPUA100SXM4", "barcelona", "7")
            .Line("b-1", "b@bu.edu", "1", "OpenShift GPUH100", hours: "7")
            .Report("Lenovo", Fix.None, "SU Charge", "Charge", "Institution"));

    private static IEnumerable<string> Ledger(NercCase month, Fix fixes) => month.Report(
        "PI.after", fixes, "PI", "First Invoice Month", "Initial Credits", "1st Month Used", "2nd Month Used")
        .Select(entry => entry.Replace('|', ','));

    private static void Both(Action<Fix> holds)
    {
        holds(Fix.None);
        holds(Fix.All);
    }
}
