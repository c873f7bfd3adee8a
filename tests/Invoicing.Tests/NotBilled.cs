using Exchange.Journal;
using Exchange.Rating;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Courses, test clusters, and PIs and projects that are listed are metered and not billed, as at NERC. On 417f1c4 the
/// books billed all of them.
/// </summary>
public class NotBilled
{
    private static readonly Institutions Universities = Institutions.Parse("""
        institutions:
          - {name: Boston University, domains: [bu.edu], partner_since: 2013-06, courses_nonbillable: true}
          - {name: Elsewhere, domains: [elsewhere.edu]}
        """, "institutions.yaml");

    private static IReadOnlyList<Nonbillable> Listed(string entries) =>
        Nonbillable.Parse($"nonbillable:\n{entries}\n", "billability.yaml");

    [Fact]
    public async Task Courses_and_test_clusters_are_in_no_bill_settlement_or_export_and_are_told()
    {
        await using var world = await World.Start();
        world.Institutions = Universities;
        world.Billability = Billability.Of(Listed("  - {cluster: blockbank-1}\n  - {courses: true}"));
        await world.Told("""
            cluster,project,name,pi,course
            stack,p-cs101,CS101,ada@bu.edu,yes
            stack,p-other,Other course,bob@elsewhere.edu,yes
            """);
        await world.Ran("p-cs101", World.September, 2, 100, vcpu: 10);
        await world.Ran("p-other", World.September, 2, 100, vcpu: 10);
        await world.Stored("v-ada", World.September, 1024);

        var plan = (await world.Close(World.September)).Plan!;

        Assert.Equal(["bob@elsewhere.edu"], plan.Drafts.Select(draft => draft.Pi!.Value.Value));
        Assert.Equal(new Money(1_300), plan.Total);
        Assert.Equal(new Money(1_300), Money.Sum(plan.Settlements.Select(settled => settled.Gross)));
        var told = Assert.Single(plan.Checks, check => check.Code == "close/not-billed");
        Assert.False(told.Blocks);
        Assert.Contains("courses of Boston University are not billed", told.Message, StringComparison.Ordinal);
        Assert.Contains("cluster blockbank-1 is not billed", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  - {pi: ALIAS@bu.edu}", "p-ada on stack: no, v-ada on blockbank-1: no")]
    [InlineData("  - {project: p-ADA}", "p-ada on stack: no, v-ada on blockbank-1: yes")]
    [InlineData("  - {project: ada's genomes}", "p-ada on stack: no, v-ada on blockbank-1: yes")]
    [InlineData("  - {project: p-ada, clusters: [{name: elsewhere}]}", "p-ada on stack: yes, v-ada on blockbank-1: yes")]
    [InlineData("  - {project: p-ada, until: 2026-09}", "p-ada on stack: yes, v-ada on blockbank-1: yes")]
    [InlineData("  - {project: p-ada, from: 2026-09, until: 2026-10}", "p-ada on stack: no, v-ada on blockbank-1: yes")]
    [InlineData("  - {project: p-ada, clusters: [{name: stack, from: 2026-10}]}",
        "p-ada on stack: yes, v-ada on blockbank-1: yes")]
    [InlineData("  - {cluster: stack}\n  - {project: p-ada, billable: true, clusters: [{name: stack}]}",
        "p-ada on stack: yes, v-ada on blockbank-1: yes")]
    [InlineData("  - {cluster: stack}\n  - {pi: ada@bu.edu}\n  - {project: p-ada, billable: true, clusters: [{name: stack}]}",
        "p-ada on stack: no, v-ada on blockbank-1: no")]
    public async Task Each_rule_holds_where_and_when_it_says(string entries, string expected)
    {
        await using var world = await World.Start();
        await world.Journal.Execute(new MergePis(new("ada@bu.edu"), new("alias@bu.edu"), "test"), world.Now, World.Ct);
        var attribution = new Attribution(
            await world.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, World.Ct), Universities,
            Billability.Of(Listed(entries)));

        string Says(string cluster, string project) => $"{project} on {cluster}: " +
            (attribution.Of(new(cluster), new(project), World.September.Start).NotBilled is null ? "yes" : "no");
        Assert.Equal(expected, $"{Says("stack", "p-ada")}, {Says("blockbank-1", "v-ada")}");
    }

    [Fact]
    public async Task What_becomes_free_is_free_from_its_month_on_and_closed_months_stay()
    {
        await using var world = await World.Start();
        world.Publishes = true;
        await world.Publish("institutions:\n  - {name: Boston University, domains: [bu.edu]}\n");
        await world.Ran("p-ada", World.September, 2, 100, vcpu: 10);
        await world.Ran("p-ada", World.October, 2, 100, vcpu: 10);
        await world.Close(World.September);

        const string Listed = "nonbillable:\n  - {project: p-ada}\n";
        var refused = await Assert.ThrowsAsync<RefusedException>(() => world.Publish(Listed));
        Assert.Equal("facts/closed-month", refused.Refusal.Code);
        await world.Publish(Listed, new(2026, 10, 1));

        Assert.Empty((await world.Close(World.October)).Plan!.Drafts);
    }

    [Fact]
    public void An_entry_that_says_nothing_definite_is_refused()
    {
        Assert.Throws<RefusedException>(() => Listed("  - {from: 2026-01}"));
        Assert.Throws<RefusedException>(() => Listed("  - {cluster: a, pi: b@c.d}"));
        Assert.Throws<RefusedException>(() => Listed("  - {project: a, billable: true}"));
        Assert.Throws<RefusedException>(() => Listed("  - {project: a, from: 2026-02, until: 2026-02}"));
        Assert.Throws<RefusedException>(() => Listed("  - {courses: false}"));
    }
}
