using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>The rules of who is billed for what, which are no faults: both policies agree on them.</summary>
public class WhoIsBilled
{
    private const string OldPis = "a@mit.edu,2020-01,0,0,0\na@bu.edu,2020-01,0,0,0";

    [Theory]
    [InlineData("- name: a-1", "")]
    [InlineData("- name: A-1", "")]                                                   // Letters' case does not matter,
    [InlineData("- name: a", "stack ocp-prod")]                                       // the allocation's name does.
    [InlineData("- name: a-1\n  start: 2025-10\n  end: 2025-10", "")]
    [InlineData("- name: a-1\n  start: 2025-11\n  end: 2025-12", "stack ocp-prod")]
    [InlineData("- name: a-1\n  start: 2025-01\n  end: 2025-09", "stack ocp-prod")]
    [InlineData("- name: a-1\n  clusters:\n  - name: stack", "ocp-prod")]
    [InlineData("- name: a-1\n  clusters:\n  - name: stack\n  - name: ocp-prod", "")]
    [InlineData("- name: a-1\n  clusters:\n  - name: stack\n    start: 2025-10\n    end: 2025-11", "ocp-prod")]
    [InlineData("- name: a-1\n  clusters:\n  - name: stack\n    start: 2025-11\n    end: 2025-11", "stack ocp-prod")]
    [InlineData("- name: a-1\n  is_billable: true\n  clusters:\n  - name: ocp-test", "stack ocp-prod ocp-test")]
    [InlineData("- name: a-1\n  is_billable: false\n  clusters:\n  - name: ocp-test", "stack ocp-prod")]
    [InlineData("", "stack ocp-prod")]
    public void By_project_and_cluster(string entries, string billed)
    {
        var month = new NercCase().Ledger(OldPis).With(NercRole.NonbillableProjects, entries)
            .Line("a-1", "a@mit.edu", "1").Line("a-1", "a@mit.edu", "2", cluster: "ocp-prod")
            .Line("a-1", "a@mit.edu", "3", cluster: "ocp-test").Line("a-1", "a@mit.edu", "4", cluster: "barcelona");
        Both(month, fixes => Assert.Equal(
            billed, string.Join(' ', month.Report("billable", fixes, "Cluster Name"))));
    }

    [Theory]
    [InlineData("- username: a@mit.edu", "")]
    [InlineData("- username: A@mit.edu", "x@uri.edu a@mit.edu")]
    [InlineData("- username: a@mit.edu\n  non_billed_su_types:\n  - name: Other", "x@uri.edu a@mit.edu")]
    [InlineData("- username: a@mit.edu\n  non_billed_su_types: []", "x@uri.edu a@mit.edu")]
    public void By_PI(string pis, string billed)
    {
        var month = new NercCase().Ledger(OldPis).With(NercRole.NonbillablePis, pis)
            .Line("x-1", "x@uri.edu", "1").Line("a-1", "a@mit.edu", "1");
        Assert.Equal(
            billed.Length == 0 ? "x@uri.edu" : billed,
            string.Join(' ', month.Report("billable", Fix.None, "Manager (PI)")));
    }

    [Fact]
    public void By_course_at_institutions_whose_courses_are_free()
    {
        var month = new NercCase().Ledger(OldPis)
            .Line("a-1", "a@bu.edu", "1", course: true).Line("b-1", "a@mit.edu", "2", course: true)
            .Line("c-1", "a@bu.edu", "3");
        Both(month, fixes => Assert.Equal(["2.00", "3.00"], month.Report("billable", fixes, "Cost")));
    }

    [Fact]
    public void ColdFronts_cluster_names_and_the_last_of_two_allocations_count()
    {
        var month = new NercCase().Ledger(OldPis).Stray("p1", "1", cluster: "NERC-OCP-EDU").Stray("p2", "2")
            .With(NercRole.ColdFront, """
                [{"project": {"pi": "b@mit.edu"}, "resource": {"name": "NERC-OCP-EDU"},
                  "attributes": {"Allocated Project ID": "p1", "Allocated Project Name": "course-1"}},
                 {"project": {"pi": "a@mit.edu"}, "resource": {"name": "academic"},
                  "attributes": {"Allocated Project ID": "p1", "Allocated Project Name": "course-2",
                                 "Institution-Specific Code": "C-7"}},
                 {"project": {"pi": "a@bu.edu"}, "resource": {"name": "NERC"},
                  "attributes": {"Allocated Project ID": "p2", "Allocated Project Name": "lab-1"}}]
                """);
        Both(month, fixes => Assert.Equal(
            ["course-2|p1|a@mit.edu|academic|C-7|Massachusetts Institute of Technology",
             "lab-1|p2|a@bu.edu|stack|N/A|Boston University"],
            month.Report(
                "billable", fixes, "Project - Allocation", "Project - Allocation ID", "Manager (PI)", "Cluster Name",
                "Institution - Specific Code", "Institution")));
    }

    [Fact]
    public void An_alias_is_the_PI_in_front_of_it()
    {
        var month = new NercCase().Ledger(OldPis).With(NercRole.Aliases, "PI,Alias\na@mit.edu,b@mit.edu,c@mit.edu\n")
            .Line("a-1", "b@mit.edu", "1").Line("b-1", "c@mit.edu", "2").Line("c-1", "d@mit.edu", "3");
        Both(month, fixes => Assert.Equal(
            ["a@mit.edu", "a@mit.edu", "d@mit.edu"], month.Report("billable", fixes, "Manager (PI)")));
    }

    [Fact]
    public void The_total_holds_flagged_institutions_and_managed_groups()
    {
        var month = new NercCase().Ledger(OldPis)
            .Group("Y", "y@mit.edu", "yes", "managed", "10").Group("N", "n@bu.edu", "no", "unmanaged", "10")
            .Line("a-1", "a@bu.edu", "1").Line("managed-1", "a@mit.edu", "2").Line("unmanaged-1", "a@mit.edu", "3")
            .Line("b-1", "a@mit.edu", "4").Line("c-1", "x@uri.edu", "5");
        Both(month, fixes =>
        {
            Assert.Equal(["1.00", "2.00", "5.00"], month.Report("NERC-", fixes, "Cost"));
            Assert.Equal(
                ["3.00|n@bu.edu|N|Boston University|7.00"],
                month.Report(
                    "MOCA", fixes, "Cost", "Invoice Email", "Prepaid Group Name", "Prepaid Group Institution",
                    "Prepaid Group Balance"));
        });
    }

    private static void Both(NercCase month, Action<Fix> holds)
    {
        Assert.NotEmpty(month.Files);
        holds(Fix.None);
        holds(Fix.All);
    }
}
