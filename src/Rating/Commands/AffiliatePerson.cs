using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange directory affiliate PI' — for whom a person works from an instant on.</summary>
/// <param name="institution">None that is known, when null.</param>
/// <param name="closed">Reads until when months are closed; null where none is, or where they may change.</param>
public sealed class AffiliatePerson(
    Institutions institutions, PiId pi, string? institution, Instant from, string by,
    Func<CancellationToken, Task<Instant?>> closed) : ICommand<int>
{
    public PiId Pi => pi;
    public string? Institution => institution;
    public Instant From => from;

    public string Act => "affiliate";
    public string Target => $"{pi} {institution ?? "none"} from {from}";
    public string Permission => Actor.HasTheMachine;

    /// <returns>How many events it took: none when it was so already.</returns>
    public async Task<int> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var directory = await work.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var told = new DirectoryEvent.Affiliated(pi, institution, from, by, now);
        var events = ProjectDirectory.Affiliate(directory, institutions, told, await closed(ct)).OrThrow();
        work.Append(ProjectDirectory.Fold.StreamOf(ProjectDirectory.Id), events);
        return events.Count;
    }
}
