using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>The runs of jobs as the database keeps them: a row for each time that a job was run.</summary>
internal static class JobRuns
{
    /// <summary>Which machine and process this is, for whoever asks who ran a job.</summary>
    public static string Here { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Whoever calls it holds the lock of the job, so that nobody else begins it meanwhile.</summary>
    /// <returns>
    /// Under which time the run is kept; null when it is done already, or a later firing did the same.
    /// </returns>
    public static async Task<Instant?> Begin(
        NpgsqlConnection connection, Job job, RunJob.Start start, Instant now, CancellationToken ct)
    {
        if (start.Firing is { } firing && await Known(connection, job, firing, ct) is { } known)
        {
            return known.IsOver ? null : await TakeUp(connection, job, known.Due, now, ct);
        }

        if (await Insert(connection, job, start, now, ct))
        {
            return start.Due;
        }

        if (start.Firing is null)
        {
            return await TakeUp(connection, job, start.Due, now, ct);
        }

        // A clock that was set back comes by the same time again, and what is due must not wait until it is past it.
        return await Insert(connection, job, start with { Due = now }, now, ct) ? now : null;
    }

    public static async Task Tell(NpgsqlDataSource database, Job job, Instant due, string said) =>
        await database.Execute(
            "update exchange.job_run set said = $3 where job = $1 and due = $2 and ended_at is null",
            [job.Name, due, said], CancellationToken.None);

    public static async Task End(
        NpgsqlConnection connection, Job job, Instant due, RunJob.JobOutcome outcome, Instant now) =>
        await connection.Execute(
            "update exchange.job_run set said = $3, is_done = $4, ended_at = $5 where job = $1 and due = $2",
            [job.Name, due, outcome.Said, outcome.IsDone, now],
            CancellationToken.None);

    /// <summary>Whether a firing has a run already, ended or not.</summary>
    public static async Task<bool> HasBegun(
        NpgsqlDataSource database, Job job, long firing, CancellationToken ct)
    {
        await using var command = database.Statement(
            "select exists (select from exchange.job_run where job = $1 and firing = $2)", [job.Name, firing]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>One that was overtaken by a later firing counts as over: each run does all that is due.</summary>
    private static async Task<(Instant Due, bool IsOver)?> Known(
        NpgsqlConnection connection, Job job, long firing, CancellationToken ct)
    {
        const string Sql = """
            select due, ended_at is not null or firing > $2
            from exchange.job_run
            where job = $1 and firing >= $2
            order by firing desc
            limit 1
            """;

        await using var command = connection.Statement(Sql, [job.Name, firing]);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? (row.GetFieldValue<Instant>(0), row.GetBoolean(1)) : null;
    }

    private static async Task<bool> Insert(
        NpgsqlConnection connection, Job job, RunJob.Start start, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into exchange.job_run (job, due, started_at, said, attempts, asked_by, firing, ran_on)
            values ($1, $2, $3, '', 1, $4, nullif($5, 0), $6)
            on conflict (job, due) do nothing
            """;

        return await connection.Execute(
            Sql,
            [
                job.Name, start.Due, now, start.By,
                start.Firing ?? 0, Here,
            ], ct) == 1;
    }

    private static async Task<Instant?> TakeUp(
        NpgsqlConnection connection, Job job, Instant due, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.job_run
            set started_at = $3, attempts = attempts + 1, stop_asked_by = '', ran_on = $4
            where job = $1 and due = $2 and ended_at is null
            """;

        return await connection.Execute(
            Sql, [job.Name, due, now, Here], ct) == 1 ? due : null;
    }
}
