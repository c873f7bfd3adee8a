namespace Exchange.Portal.Jobs;

/// <summary>
/// Runs the jobs that people start on pages, by the same firings as the schedule's: one whose server dies is taken up.
/// The page comes back once the run has begun.
/// </summary>
internal sealed class JobsByHand(Composition exchange, JobSchedule schedule)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private const int Looks = 100;

    /// <returns>False when somebody runs it already.</returns>
    public async Task<bool> Begin(Job job, string by, string origin, CancellationToken ct)
    {
        if (!await RunJob.IsFree(exchange.JobDatabase, job, ct))
        {
            return false;
        }

        var firing = schedule.Fire(job.Name, by, origin);
        for (var looked = 0; looked < Looks && !await JobRuns.HasBegun(exchange.Database, job, firing, ct); looked++)
        {
            await Task.Delay(Pause, ct);
        }

        return true;
    }
}
