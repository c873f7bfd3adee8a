using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>What today's scripts take in silence is refused where it would be billed wrong, and told where it may be meant.</summary>
public class WhatTheScriptsPassOver
{
    private static IReadOnlyList<string> Notes(NercCase month) => NercNotes.Of(month.Sources);

    [Fact]
    public void A_service_invoice_that_is_given_twice_is_refused()
    {
        var month = new NercCase().Line("a-1", "ada@bu.edu", "5");
        var service = month.Files.Single(file => file.Role == NercRole.Service);
        var refusal = Assert.Throws<RefusedException>(
            () => NercSources.Parse(month.Month, [.. month.Files, service with { Name = "again.csv" }])).Refusal;
        Assert.Equal(("nerc/file-twice", "lines.csv, again.csv"), (refusal.Code, refusal.Where));
    }

    [Theory]
    [InlineData("SU Type", "SU type")]
    [InlineData("Rate", "RATE")]
    [InlineData("Manager (PI)", "Manager PI")]
    [InlineData("SU Hours (GBhr or SUhr)", "SU Hours (GBhr or SUhr) ", false)]
    public void A_column_of_another_spelling_in_one_file_is_refused(string right, string wrong, bool refused = true)
    {
        var month = new NercCase().Line("a-1", "ada@bu.edu", "5");
        var service = month.Files.Single(file => file.Role == NercRole.Service);
        var other = service with { Name = "other.csv", Text = service.Text.Replace(right, wrong, StringComparison.Ordinal) };
        void Parse() => NercSources.Parse(month.Month, [.. month.Files, other with { Text = other.Text + "\n" }]);
        if (refused)
        {
            var refusal = Assert.Throws<RefusedException>(Parse).Refusal;
            Assert.Equal(("nerc/misspelt-column", "other.csv:1"), (refusal.Code, refusal.Where));
        }
        else
        {
            Parse();
        }
    }

    [Fact]
    public void A_cost_that_is_not_rate_times_hours_is_told() => Assert.StartsWith(
        "Costs that are not rate × hours (1), such as lines.csv:2: 130",
        Assert.Single(Notes(new NercCase().Line("a-1", "ada@bu.edu", "130.00", hours: "100").Line("b-1", "ada@bu.edu", "1.30", hours: "100"))),
        StringComparison.Ordinal);

    [Fact]
    public void An_alias_of_two_PIs_is_told() => Assert.Contains(
        "Alias 'a@x.org' belongs to 2 PIs: ada@bu.edu, bob@bu.edu.",
        Notes(new NercCase().Line("a-1", "ada@bu.edu", "0.01").With(NercRole.Aliases, "ada@bu.edu,a@x.org\nbob@bu.edu,A@x.org\n")));

    [Fact]
    public void A_project_of_two_groups_is_told() => Assert.Contains(
        "Project 'a-1' is paid for by 2 prepay groups: G, H.",
        Notes(new NercCase().Line("a-1", "ada@bu.edu", "0.01").Group("G", "g@bu.edu", "Yes", "a-1", "10").Group("H", "h@bu.edu", "No", "a-1", "10")));

    [Fact]
    public void Keys_that_nobody_knows_are_told() => Assert.Contains(
        "Keys that mean nothing here (2): '[1].non_biled_su_types' (NonbillablePis:1), '[1].clusters[1].strat' (NonbillableProjects:1).",
        Notes(new NercCase().Line("a-1", "ada@bu.edu", "0.01")
            .With(NercRole.NonbillablePis, "- {username: ada@bu.edu, non_biled_su_types: [{name: x}]}")
            .With(NercRole.NonbillableProjects, "- {name: p, clusters: [{name: stack, strat: 2025-10}]}")));
}
