using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Jobs;

/// <summary>A page's 'Run now' — starts a run of a job by hand.</summary>
internal sealed class StartJob(JobsByHand byHand, Job job, string by, string origin) : ICommand<bool>
{
    public string Act => "jobs run";
    public string Target => job.Name;
    public string Permission => job.Act;

    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        job.NotHere is { } not ? throw new RefusedException(not)
        : await byHand.Begin(job, by, origin, ct) ? true
        : throw new RefusedException(new(
            "jobs/running", $"'{job.Name}' runs already. Wait until it is done, or stop it."));
}
