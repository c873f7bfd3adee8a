using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>
/// Each fault of NERC's pipeline: what the report says today, what it says corrected, and that the difference is put
/// down to this fault and to no other.
/// </summary>
public class EachFault
{
    private const string OldPis = """
        a@mit.edu,2020-01,0,0,0
        b@mit.edu,2020-01,0,0,0
        a@bu.edu,2020-01,0,0,0
        b@bu.edu,2020-01,0,0,0
        """;

    [Fact]
    public void Costs_are_read_through_binary_fractions() => Differs(
        Fix.ReadDecimals, new NercCase().Line("a-1", "x@y.org", "41.565"),
        "billable", ["Cost", "Balance"], ["41.56|41.56"], ["41.57|41.57"]);

    [Fact]
    public void One_PI_written_in_two_cases_is_two_new_PIs() => Differs(
        Fix.OnePersonPerAddress, new NercCase().Line("a-1", "Ada@mit.edu", "900").Line("b-1", "ada@mit.edu", "900"),
        "billable", ["Manager (PI)", "Credit", "Balance"],
        ["Ada@mit.edu|900.00|0.00", "ada@mit.edu|900.00|0.00"],
        ["Ada@mit.edu|900.00|0.00", "Ada@mit.edu|100.00|800.00"]);

    [Fact]
    public void A_PI_is_of_no_institution_when_the_domain_is_in_capitals() => Differs(
        Fix.OnePersonPerAddress, new NercCase().Line("a-1", "ada@MIT.EDU", "10"),
        "billable", ["Institution", "Credit"], ["|"], ["Massachusetts Institute of Technology|10.00"]);

    [Fact]
    public void An_alias_among_those_not_billed_is_billed() => Differs(
        Fix.AliasesAreNotBilled,
        new NercCase().Ledger(OldPis).Line("a-1", "alias@mit.edu", "10")
            .With(NercRole.Aliases, "a@mit.edu,alias@mit.edu").With(NercRole.NonbillablePis, "- username: alias@mit.edu"),
        "nonbillable", ["Manager (PI)", "Cost"], [], ["a@mit.edu|10.00"]);

    [Fact]
    public void Two_entries_for_one_project_move_the_answers_of_later_lines() => Differs(
        Fix.EntriesDoNotShift,
        new NercCase().Ledger(OldPis).With(NercRole.NonbillableProjects, """
            - name: free-1
              clusters:
              - name: stack
            - name: FREE-1
              clusters:
              - name: stack
            """)
            .Line("free-1", "a@mit.edu", "10").Line("x-1", "a@mit.edu", "60").Line("y-1", "b@mit.edu", "20"),
        "billable", ["Cost"], ["20.00"], ["60.00", "20.00"]);

    [Fact]
    public void An_override_without_a_cluster_makes_a_project_free() => Differs(
        Fix.OverridesWithoutCluster,
        new NercCase().Ledger(OldPis).With(NercRole.NonbillableProjects, "- name: a-1\n  is_billable: true")
            .Line("a-1", "a@mit.edu", "10").Line("a-1", "a@mit.edu", "20", cluster: "ocp-test"),
        "billable", ["Cost"], [], ["10.00", "20.00"]);

    [Fact]
    public void The_period_of_a_cluster_within_that_of_its_project_is_not_looked_at() => Differs(
        Fix.EveryPeriodCounts,
        new NercCase().Ledger(OldPis).With(NercRole.NonbillableProjects, """
            - name: a-1
              start: 2025-01
              end: 2025-12
              clusters:
              - name: stack
                start: 2025-11
                end: 2025-12
            - name: b-1
              end: 2025-09
            """)
            .Line("a-1", "a@mit.edu", "10").Line("b-1", "b@mit.edu", "20"),
        "billable", ["Cost"], [], ["10.00", "20.00"]);

    [Fact]
    public void A_billable_line_without_a_PI_vanishes() => Differs(
        Fix.KeepLinesWithoutPi, new NercCase().Line("a-1", null, "33"),
        "billable", ["Project - Allocation", "Manager (PI)", "Cost", "Balance"], [], ["a-1||33.00|33.00"]);

    [Fact]
    public void A_negative_line_raises_the_credit_of_others() => Differs(
        Fix.NegativeLinesTakeNothing,
        new NercCase().Line("a-1", "new@mit.edu", "-50").Line("a-2", "new@mit.edu", "1200"),
        "billable", ["Credit", "Balance"], ["-50.00|0.00", "1050.00|150.00"], ["|-50.00", "1000.00|200.00"]);

    [Fact]
    public void A_line_that_owes_nothing_is_credited_nothing() => Differs(
        Fix.NothingOwedNothingCredited,
        new NercCase().Line("a-1", "new@mit.edu", "0").Line("a-2", "new@mit.edu", "5"),
        "billable", ["Credit", "Credit Code"], ["0.00|0002", "5.00|0002"], ["|", "5.00|0002"]);

    [Fact]
    public void Bare_metal_GPUs_are_credited_although_their_kind_is_excluded() => Differs(
        Fix.ExcludeBareMetalGpus,
        new NercCase().Line("a-1", "new@mit.edu", "100", "BM GPUH100").Line("a-2", "new@mit.edu", "50", "BM FC430"),
        "billable", ["Credit"], ["100.00", "50.00"], ["", "50.00"]);

    [Fact]
    public void Prepaid_money_is_spent_on_what_nobody_is_billed_for()
    {
        var month = new NercCase().Ledger(OldPis).Group("G", "g@mit.edu", "no", "lab", "100")
            .Line("lab-1", "a@mit.edu", "80", cluster: "ocp-test").Line("lab-1", "a@mit.edu", "50");
        Differs(
            Fix.PrepayOnlyBilled, month, "MOCA", ["Cost", "Prepaid Group Used", "Prepaid Group Balance"],
            ["80.00|80.00|0.00", "50.00|20.00|0.00"], ["50.00|50.00|50.00"]);
        Differs(Fix.PrepayOnlyBilled, month, "prepay_debits", ["Debit"], ["100.00"], ["50.00"]);
    }

    [Fact]
    public void The_order_of_the_files_decides_who_is_credited() => Differs(
        Fix.OrderOfLines,
        new NercCase().Line("z-1", "new@mit.edu", "700").Line("a-1", "new@mit.edu", "600"),
        "billable", ["Project - Allocation", "Credit"], ["z-1|700.00", "a-1|300.00"], ["z-1|400.00", "a-1|600.00"]);

    [Fact]
    public void Projects_of_one_name_are_shown_as_one_of_the_first_PI() => Differs(
        Fix.ProjectsOfTwoPisStayApart,
        new NercCase().Ledger(OldPis).Line("lab-1", "a@bu.edu", "10").Line("lab-2", "b@bu.edu", "20")
            .Line("lab-3", "b@bu.edu", "5", cluster: "ocp-prod"),
        "BU_Internal", ["Manager (PI)", "Cluster Name", "Cost"],
        ["a@bu.edu|stack|35.00"], ["a@bu.edu|stack|10.00", "b@bu.edu|ocp-prod stack|25.00"]);

    [Fact]
    public void The_prepaid_use_of_a_project_is_that_of_its_first_line() => Differs(
        Fix.SumPrepaidUse,
        new NercCase().Ledger(OldPis).Group("G", "g@bu.edu", "Yes", "lab", "300")
            .Line("lab-1", "a@bu.edu", "150").Line("lab-2", "a@bu.edu", "40").Line("lab-3", "a@bu.edu", "500"),
        "BU_Internal", ["Prepaid Group Used"], ["50.00"], ["300.00"]);

    [Fact]
    public void Lines_on_Lenovos_hardware_are_left_out_or_counted_as_one_GPU() => Differs(
        Fix.AllOfLenovo,
        new NercCase().Ledger(OldPis)
            .Line("a-1", "a@mit.edu", "1", "OpenShift GPUH100", hours: "10")
            .Line("a-1", "a@mit.edu", "1", "OpenStack GPUH100", hours: "10")
            .Line("a-1", "a@mit.edu", "1", "BM GPUH100", hours: "10")
            .Line("a-1", "a@mit.edu", "1", "BM GPUA100SXM4", hours: "10"),
        "Lenovo", ["SU Type", "SU Charge", "Charge"],
        ["OpenShift GPUH100|2.74|27.40", "BM GPUH100|2.74|27.40"],
        ["OpenShift GPUH100|2.74|27.40", "OpenStack GPUH100|2.74|27.40", "BM GPUH100|10.96|109.60",
         "BM GPUA100SXM4|3.2|32.00"]);

    [Fact]
    public void A_debit_of_an_earlier_run_is_left_standing() => Differs(
        Fix.DropStaleDebits,
        new NercCase().Ledger(OldPis).Group("G", "g@mit.edu", "Yes", "lab", "100").Line("other-1", "a@mit.edu", "1")
            .Append(NercRole.PrepayDebits, "Month,Group Name,Debit", "2025-09,G,20", "2025-10,G,30"),
        "prepay_debits", ["Month", "Debit"], ["2025-09|20.00", "2025-10|30.00"], ["2025-09|20.00"]);

    [Fact]
    public void A_managed_group_is_missed_when_yes_is_written_otherwise() => Differs(
        Fix.ManagedInAnyCase,
        new NercCase().Ledger(OldPis).Group("G", "g@mit.edu", "YES", "lab", "100").Line("other-1", "a@mit.edu", "1")
            .Append(NercRole.PrepayCredits, "", "2025-10,G,70.5"),
        "NERC_Prepaid", ["Month", "Group Name", "Credit"], [], ["2025-10|G|70.5"]);

    [Fact]
    public void A_project_that_ColdFront_does_not_know_stops_the_month()
    {
        var month = new NercCase().Line("a-1", "a@mit.edu", "1")
            .Stray("b-1", "2").Stray("B-2", "3").Stray("c-1", "4", cluster: "ocp-test");
        var refused = Assert.Throws<RefusedException>(() => month.Run());
        Assert.Equal("nerc/unknown-projects", refused.Refusal.Code);
        Assert.Contains("'B-2' on stack, 'b-1' on stack.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["a@mit.edu|1.00", "|2.00", "|3.00"], month.Report("billable", Fix.All, "Manager (PI)", "Cost"));
        Assert.Equal(
            ["'B-2' on stack", "'b-1' on stack"],
            Differences.Of(month.Sources).Rows.Where(row => row.Cells[0] == "(all)").Select(row => row.Key));
    }

    [Fact]
    public void Part_of_an_hour_stops_the_month()
    {
        var month = new NercCase()
            .Line("a-1", "a@mit.edu", "1", hours: "5.5").Line("a-2", "a@mit.edu", "1", hours: "5.0");
        var refused = Assert.Throws<RefusedException>(() => month.Run());
        Assert.Equal(("nerc/hours-not-whole", "lines.csv:2"), (refused.Refusal.Code, refused.Refusal.Where));
        Assert.Equal(["5.5", "5"], month.Report("billable", Fix.All, "SU Hours (GBhr or SUhr)"));
    }

    [Fact]
    public void Every_fix_has_a_cause_and_all_of_them_are_the_corrected_policies()
    {
        Assert.Equal(
            Enum.GetValues<Fix>().Except([Fix.None, Fix.All]).Order(), Fixes.InOrder.Select(one => one.Fix).Order());
        Assert.Equal(Fix.All, Fixes.InOrder.Aggregate(Fix.None, (all, one) => all | one.Fix));
        Assert.Equal((Fix.None, Fix.All), (Fixes.Of("nerc-compatible"), Fixes.Of("corrected")));
        Assert.Equal("nerc/unknown-policies", Assert.Throws<RefusedException>(() => Fixes.Of("nerc")).Refusal.Code);
    }

    private static void Differs(
        Fix fix, NercCase month, string report, string[] columns, string[] today, string[] corrected)
    {
        Assert.Equal(today, month.Report(report, Fix.None, columns));
        Assert.Equal(corrected, month.Report(report, fix, columns));
        Assert.Equal(corrected, month.Report(report, Fix.All, columns));

        var cause = Fixes.InOrder.Single(one => one.Fix == fix).Cause;
        var differences = Differences.Of(month.Sources).Rows
            .Where(row => row.Cells[0]!.StartsWith(report, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(differences);
        Assert.All(differences, row => Assert.Equal(cause, row.Cells[5]));
    }
}
