using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange projects import FILE' — tells the directory who answers for projects.</summary>
public static class ImportProjects
{
    /// <param name="Told">How many projects the file names.</param>
    /// <param name="Changed">How many of them were new or different; none when the file was imported before.</param>
    public sealed record ProjectsImported(int Told, int Changed)
    {
        /// <summary>What the file says in two ways at once, a sentence each; nothing of it was taken.</summary>
        public IReadOnlyList<string> Contradictions { get; init; } = [];
    }

    /// <exception cref="RefusedException">The file cannot be understood; nothing of it is kept.</exception>
    public static async Task<ProjectsImported> Run(
        IJournal journal, string text, string file, string by, Instant now, CancellationToken ct)
    {
        var told = ToldProjects.Parse(text, file);
        var decision = await journal.Decide(
            ProjectDirectory.Fold, ProjectDirectory.Id,
            directory => ProjectDirectory.Tell(directory, told, by, now), ct);
        return new(told.Count, decision.Events.Count)
        {
            Contradictions = ToldProjects.Contradictions(text, file) is { Count: > 0 } found ? found : [],
        };
    }
}

/// <summary>'exchange projects merge PI ALIAS' — two addresses are one person.</summary>
public static class MergePis
{
    public static Task<Decision<DirectoryEvent>> Run(
        IJournal journal, PiId pi, PiId alias, string by, Instant now, CancellationToken ct) =>
        journal.Decide(
            ProjectDirectory.Fold, ProjectDirectory.Id,
            directory => ProjectDirectory.Merge(directory, pi, alias, by, now), ct);
}

/// <summary>'exchange directory affiliate PI' — for whom a person works from an instant on.</summary>
public static class AffiliatePerson
{
    /// <param name="closed">Until when months are closed; null where none is, or where they may change.</param>
    public static Task<Decision<DirectoryEvent>> Run(
        IJournal journal, Institutions institutions, DirectoryEvent.Affiliated told, Instant? closed,
        CancellationToken ct) =>
        journal.Decide(
            ProjectDirectory.Fold, ProjectDirectory.Id,
            directory => ProjectDirectory.Affiliate(directory, institutions, told, closed), ct);
}

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
