using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>A page's 'Stop job' — asks a run to end before it is done, whichever server runs it.</summary>
internal sealed class StopJob(NpgsqlDataSource database, Job job, string by) : ICommand<bool>
{
    public string Act => "jobs stop";
    public string Target => job.Name;
    public string Permission => job.Act;

    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        const string Sql = "update exchange.job_run set stop_asked_by = $2 where job = $1 and ended_at is null";
        return await database.Execute(Sql, [job.Name, by], ct) > 0 ? true
            : throw new RefusedException(new(
                "jobs/not-running", $"'{job.Name}' does not run any more. Look at what came of it."));
    }
}
