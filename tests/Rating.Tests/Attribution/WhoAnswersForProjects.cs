using Exchange.Journal;
using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

public class WhoAnswersForProjects
{
    private const string Allocations = """
        [{"id": 1, "project": {"pi": "Ada@bu.edu"}, "resource": {"name": "NERC"},
          "attributes": {"Allocated Project Name": "lab-1", "Allocated Project ID": "p1",
                         "Institution-Specific Code": "77"}},
         {"id": 2, "project": {"pi": "old@mit.edu"}, "resource": {"name": "NERC-OCP-EDU"},
          "attributes": {"Allocated Project Name": "course", "Allocated Project ID": "p2", "Is Course?": "Yes"}},
         {"id": 3, "project": {"pi": "new@mit.edu"}, "resource": {"name": "NERC-OCP-EDU"},
          "attributes": {"Allocated Project Name": "course", "Allocated Project ID": "p2"}},
         {"id": 4, "project": {"pi": "x@mit.edu"}, "resource": {"name": "NERC"},
          "attributes": {"Allocated Project Name": "no id"}},
         {"id": 5, "project": {}, "resource": {"name": "NERC"},
          "attributes": {"Allocated Project Name": "no pi", "Allocated Project ID": "p5"}}]
        """;

    private static readonly Instant Noon = Instant.FromUtc(2026, 3, 1, 12, 0);
    private static readonly Institutions Institutions = Rating.Institutions.Parse(
        """
        institutions:
          - { name: Boston University, domains: [bu.edu] }
          - { name: MIT, domains: [mit.edu] }
        """, "institutions.yaml");

    private readonly MemoryJournal _journal = new(new Stopped());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Importing_twice_changes_nothing()
    {
        Assert.Equal(new(2, 2), await Import(Allocations));
        Assert.Equal(new(2, 0), await Import(Allocations, Noon + Duration.FromDays(40)));
        Assert.Equal(2, (await _journal.ReadAll(0, 100, Ct)).Count);
    }

    [Fact]
    public async Task What_an_allocation_says_holds_from_the_beginning_and_its_last_word_counts()
    {
        await Import(Allocations);
        var long_ago = Instant.FromUtc(2023, 6, 1, 0, 0);
        Assert.Equal(
            new("lab-1", new("ada@bu.edu"), "Boston University", "77", false, true), await Of("stack", "p1", long_ago));
        Assert.Equal(new("course", new("new@mit.edu"), "MIT", null, false, true), await Of("academic", "p2", long_ago));
    }

    [Fact]
    public async Task What_is_unknown_has_no_PI_and_goes_to_suspense()
    {
        await Import(Allocations);
        Assert.Equal(new("p5", null, null, null, false, false), await Of("stack", "p5", Noon));
        Assert.Equal(new("p1", null, null, null, false, false), await Of("ocp-prod", "p1", Noon));
    }

    [Fact]
    public async Task Whoever_is_told_first_after_nobody_has_answered_for_all_the_time()
    {
        await Import("cluster,project,name,pi\nstack,p1,lab,");
        Assert.Null((await Of("stack", "p1", Noon)).Pi);
        await Import("cluster,project,name,pi\nstack,p1,lab,ada@bu.edu", Noon + Duration.FromDays(40));
        Assert.Equal("ada@bu.edu", (await Of("stack", "p1", Noon)).Pi?.Value);
    }

    [Fact]
    public async Task Labels_of_a_project_are_projects_of_their_own_under_whoever_answers_for_the_whole()
    {
        await Import("cluster,project,name,pi,split\nocp,rhods,Notebooks,ada@bu.edu,class\nocp,rhods:cs2,Databases,eve@mit.edu,");
        await Import("cluster,project,name,pi\nocp,rhods,Notebooks,ada@bu.edu"); // Says nothing of labels.
        var attribution = new Attribution(
            await _journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, Ct), Institutions);
        ProjectId User(string project, string shape) => attribution.UserOf(new(
            ResourceId.Parse("nerc/ocp/pod/x"), new(project), new(Noon, Noon + Duration.FromHours(1)), ResourceState.Running,
            Shape.Parse(shape)));
        Assert.Equal(
            ["rhods:cs1", "rhods:noclass", "other"],
            [User("rhods", """{"class":"cs1"}""").Value, User("rhods", "{}").Value, User("other", """{"class":"cs1"}""").Value]);
        Assert.Equal(
            [("Notebooks:cs1", "ada@bu.edu"), ("Databases", "eve@mit.edu"), ("other:cs1", null)],
            new[] { "rhods:cs1", "rhods:cs2", "other:cs1" }.Select(p => attribution.Of(new("ocp"), new(p), Noon))
                .Select(told => (told.Name, told.Pi?.Value)));

        await Import("cluster,project,name,pi,split\nocp,rhods,Notebooks,ada@bu.edu,none");
        attribution = new(await _journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, Ct), Institutions);
        Assert.Equal("rhods", User("rhods", """{"class":"cs1"}""").Value);
    }

    [Fact]
    public async Task A_change_holds_from_when_it_was_told_and_what_was_before_stays()
    {
        await Import("cluster,project,name,pi\nstack,p1,lab,ada@bu.edu");
        await Import("cluster,project,name,pi\nstack,p1,lab,eve@mit.edu");
        Assert.Equal("ada@bu.edu", (await Of("stack", "p1", Noon - Duration.FromSeconds(1))).Pi?.Value);
        Assert.Equal("eve@mit.edu", (await Of("stack", "p1", Noon)).Pi?.Value);
    }

    [Fact]
    public async Task A_dated_fact_holds_from_its_instant_whenever_it_is_told()
    {
        const string File = """
            cluster,project,name,pi,from,course
            stack,p1,lab,eve@mit.edu,2026-02,no
            stack,p1,lab,ada@bu.edu,2025-10-15T12:00:00Z,yes
            """;
        Assert.Equal(new(2, 2), await Import(File));
        Assert.Equal(new(2, 0), await Import(File));
        Assert.Null((await Of("stack", "p1", Instant.FromUtc(2025, 10, 15, 11, 59))).Pi);
        var october = await Of("stack", "p1", Instant.FromUtc(2025, 10, 15, 12, 0));
        Assert.Equal(("ada@bu.edu", true), (october.Pi?.Value, october.IsCourse));
        Assert.Equal("eve@mit.edu", (await Of("stack", "p1", Instant.FromUtc(2026, 2, 1, 0, 0))).Pi?.Value);
    }

    [Fact]
    public async Task Merged_addresses_are_one_person_in_any_order_of_merging_and_telling()
    {
        await _journal.Execute(new MergePis(new("b@bu.edu"), new("c@bu.edu"), "me"), Noon, Ct);
        await Import("cluster,project,name,pi\nstack,p1,lab,C@bu.edu\nstack,p2,lab,b@bu.edu\nstack,p3,lab,a@bu.edu");
        await _journal.Execute(new MergePis(new("A@bu.edu"), new("b@bu.edu"), "me"), Noon, Ct);
        Assert.Equal("a@bu.edu", (await Of("stack", "p1", Noon)).Pi?.Value);
        Assert.Equal("a@bu.edu", (await Of("stack", "p2", Noon)).Pi?.Value);
        Assert.Equal("a@bu.edu", (await Of("stack", "p3", Noon)).Pi?.Value);
        Assert.Equal(0, await _journal.Execute(new MergePis(new("b@bu.edu"), new("c@bu.edu"), "me"), Noon, Ct));
    }

    [Fact]
    public void Merging_back_is_refused() =>
        Given.Events(
            ProjectDirectory.Fold, new DirectoryEvent.PisMerged(new("a@bu.edu"), new("b@bu.edu"), "me", Noon))
        .When(directory => ProjectDirectory.Merge(directory, new("b@bu.edu"), new("a@bu.edu"), "me", Noon))
        .ThenRefused("directory/merged-other-way");

    [Fact]
    public void A_merge_is_kept_as_an_event() =>
        Given.Events<ProjectDirectory, DirectoryEvent>(ProjectDirectory.Fold)
        .When(directory => ProjectDirectory.Merge(directory, new("A@bu.edu"), new("B@bu.edu"), "me", Noon))
        .Then(new DirectoryEvent.PisMerged(new("a@bu.edu"), new("b@bu.edu"), "me", Noon));

    [Fact]
    public async Task The_list_shows_each_project_once_as_it_stands()
    {
        await Import(Allocations);
        Assert.Equal(
            ["academic/p2/new@mit.edu/MIT", "stack/p1/ada@bu.edu/Boston University"],
            (await ListProjects.Run(_journal, Institutions, Noon, Ct))
            .Select(row => $"{row.Cluster}/{row.Project}/{row.Pi}/{row.Institution}"));
    }

    [Theory]
    [InlineData("cluster,project,name\nstack,p1,lab", "file/not-csv", "f:1")]
    [InlineData("cluster,project,name,pi\nstack,p1,lab", "file/not-csv", "f:2")]
    [InlineData("cluster,project,name,pi,from\n,p1,lab,a@b,", "directory/not-a-name", "f:2")]
    [InlineData("cluster,project,name,pi,from\nstack,p1,lab,a@b,yesterday", "directory/not-an-instant", "f:2")]
    [InlineData("[{]", "file/not-json", "f:1")]
    [InlineData("{}", "file/not-json", "f")]
    [InlineData("", "file/not-csv", "f")]
    public async Task A_file_that_is_wrong_is_refused_whole(string text, string code, string where)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Import(text));
        Assert.Equal((code, where), (refused.Refusal.Code, refused.Refusal.Where));
        Assert.Empty(await _journal.ReadAll(0, 100, Ct));
    }

    private Task<ImportProjects.ProjectsImported> Import(string text, Instant? now = null) =>
        ImportProjects.Run(_journal, text, "f", "me", now ?? Noon, Ct);

    private async Task<Attributed> Of(string cluster, string project, Instant at) =>
        new Attribution(await _journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, Ct), Institutions)
        .Of(new(cluster), new(project), at);

    private sealed class Stopped : IClock
    {
        public Instant GetCurrentInstant() => Noon;
    }
}
