using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>A job, and how its last run went.</summary>
/// <param name="State">off, waiting, running, done or failed.</param>
/// <param name="Said">How far it is, or what came of it.</param>
internal sealed record JobRow(
    string Name, string What, string? Schedule, string State, Instant? Due, Instant? StartedAt, Instant? EndedAt,
    string Said, int Attempts);

/// <summary>Lists the jobs with their last runs.</summary>
internal static class JobList
{
    public static async Task<IReadOnlyList<JobRow>> Run(
        NpgsqlDataSource database, IReadOnlyList<Job> jobs, CancellationToken ct)
    {
        const string Sql = """
            select distinct on (job) job, due, started_at, ended_at, is_done, said, attempts
            from exchange.job_run
            order by job, due desc
            """;

        var last = new Dictionary<string, JobRow>(StringComparer.Ordinal);
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            Instant? ended = rows.IsDBNull(3) ? null : Instant.FromDateTimeUtc(rows.GetDateTime(3));
            last[rows.GetString(0)] = new(
                rows.GetString(0), "", null, ended is null ? "running" : rows.GetBoolean(4) ? "done" : "failed",
                Instant.FromDateTimeUtc(rows.GetDateTime(1)), Instant.FromDateTimeUtc(rows.GetDateTime(2)), ended,
                rows.GetString(5), rows.GetInt32(6));
        }

        return
        [
            .. jobs.Select(job => last.GetValueOrDefault(job.Name) is { } row
                ? row with { What = job.What, Schedule = job.Cron }
                : new(
                    job.Name, job.What, job.Cron, job.Cron is null ? "off" : "waiting", null, null, null, "", 0)),
        ];
    }
}
