using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange projects merge PI ALIAS' — two addresses are one person.</summary>
/// <param name="pi">The address that stays.</param>
public sealed class MergePis(PiId pi, PiId alias, string by) : ICommand<int>
{
    public string Act => "projects merge";
    public string Target => $"{pi} {alias}";
    public string Permission => Actor.HasTheMachine;

    /// <returns>How many events it took: none when it was known.</returns>
    public async Task<int> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var directory = await work.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var events = ProjectDirectory.Merge(directory, pi, alias, by, now).OrThrow();
        work.Append(ProjectDirectory.Fold.StreamOf(ProjectDirectory.Id), events);
        return events.Count;
    }
}
