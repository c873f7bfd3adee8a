using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>A job, and how its last run went.</summary>
/// <param name="State">off, waiting, running, died, done or failed.</param>
/// <param name="Said">How far it is, or what came of it.</param>
/// <param name="AskedBy">Who started its last run by hand; empty when the schedule did.</param>
internal sealed record JobRow(
    string Name, string What, string? Schedule, string State, Instant? Due, Instant? StartedAt, Instant? EndedAt,
    string Said, int Attempts, string AskedBy = "");

/// <summary>Lists the jobs with their last runs, and the runs of one.</summary>
internal static class JobList
{
    public static async Task<IReadOnlyList<JobRow>> Run(
        NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken ct)
    {
        const string Sql = """
            select distinct on (job) job, due, started_at, ended_at, is_done, said, attempts, asked_by,
                   exists (select from pg_locks as l
                           where l.locktype = 'advisory' and l.objsubid = 1
                             and l.database = (select oid from pg_database where datname = current_database())
                             and (l.classid::bigint << 32) | l.objid::bigint
                               = hashtextextended('exchange job ' || run.job, 0))
            from exchange.job_run as run
            order by job, due desc
            """;

        var last = new Dictionary<string, JobRow>(StringComparer.Ordinal);
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            last[rows.GetString(0)] = Row(rows);
        }

        return
        [
            .. jobs.Select(job => last.GetValueOrDefault(job.Name) is { } row
                ? row with { What = job.What, Schedule = job.Cron }
                : new(
                    job.Name, job.What, job.Cron, job.Cron is null && !job.IsByHand ? "off" : "waiting", null, null,
                    null, "", 0)),
        ];
    }

    /// <summary>The newest runs of a job.</summary>
    public static async Task<IReadOnlyList<JobRow>> Of(
        NpgsqlConnection connection, Job job, int limit, CancellationToken ct)
    {
        const string Sql = """
            select job, due, started_at, ended_at, is_done, said, attempts, asked_by,
                   due = max(due) over () and exists (
                     select from pg_locks as l
                     where l.locktype = 'advisory' and l.objsubid = 1
                       and l.database = (select oid from pg_database where datname = current_database())
                       and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('exchange job ' || $1, 0))
            from exchange.job_run
            where job = $1
            order by due desc
            limit $2
            """;

        var found = new List<JobRow>();
        await using var command = connection.Statement(Sql, [job.Name, limit]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found.Add(Row(rows) with { What = job.What, Schedule = job.Cron });
        }

        return found;
    }

    /// <summary>A run that has not ended while nobody holds its lock died with its server.</summary>
    private static JobRow Row(NpgsqlDataReader rows)
    {
        Instant? ended = rows.IsDBNull(3) ? null : rows.GetFieldValue<Instant>(3);
        var state = ended is not null ? rows.GetBoolean(4) ? "done" : "failed"
            : rows.GetBoolean(8) ? "running" : "died";
        return new(
            rows.GetString(0), "", null, state, rows.GetFieldValue<Instant>(1),
            rows.GetFieldValue<Instant>(2), ended, rows.GetString(5), rows.GetInt32(6),
            rows.GetString(7));
    }
}
