using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange projects list' — every project, as it stands at an instant.</summary>
public static class ListProjects
{
    public sealed record ListedProject(
        ClusterId Cluster, ProjectId Project, string Name, PiId? Pi, string? Institution, string? Code, bool IsCourse,
        Instant From);

    public static async Task<IReadOnlyList<ListedProject>> Run(
        IJournal journal, Institutions institutions, Instant at, CancellationToken ct)
    {
        var directory = await journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var attribution = new Attribution(directory, institutions);
        return
        [
            .. from facts in directory.Facts
               let fact = directory.At(facts.Key.Cluster, facts.Key.Project, at)
               where fact is not null
               orderby fact.Cluster.Value, fact.Project.Value
               let told = attribution.Of(fact.Cluster, fact.Project, at)
               select new ListedProject(
                   fact.Cluster, fact.Project, fact.Name, told.Pi, told.Institution, fact.Code, fact.IsCourse,
                   fact.From),
        ];
    }
}
