using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange projects import FILE' — tells the directory who answers for projects.</summary>
/// <param name="text">ColdFront's JSON, or CSV.</param>
public sealed class ImportProjects(string text, string file, string by) : ICommand<ImportProjects.ProjectsImported>
{
    /// <param name="Told">How many projects the file names.</param>
    /// <param name="Changed">How many of them were new or different; none when the file was imported before.</param>
    public sealed record ProjectsImported(int Told, int Changed)
    {
        /// <summary>What the file says in two ways at once, a sentence each; nothing of it was taken.</summary>
        public IReadOnlyList<string> Contradictions { get; init; } = [];
    }

    public string Act => "projects import";
    public string Target => file;
    public string Permission => Actor.HasTheMachine;

    /// <summary>For the exchange itself: the demonstration and benchmarks.</summary>
    /// <exception cref="RefusedException">The file cannot be understood; nothing of it is kept.</exception>
    public static Task<ProjectsImported> Run(
        IJournal journal, string text, string file, string by, Instant now, CancellationToken ct) =>
        journal.Execute(new ImportProjects(text, file, by), now, ct);

    public async Task<ProjectsImported> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var told = ToldProjects.Parse(text, file);
        var directory = await work.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var events = ProjectDirectory.Tell(directory, told, by, now).OrThrow();
        work.Append(ProjectDirectory.Fold.StreamOf(ProjectDirectory.Id), events);
        return new(told.Count, events.Count)
        {
            Contradictions = ToldProjects.Contradictions(text, file) is { Count: > 0 } found ? found : [],
        };
    }
}
