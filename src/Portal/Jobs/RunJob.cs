using System.Diagnostics;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Runs a job once for each time that it is due, however many servers are told to: whoever runs it holds a lock of the
/// database that goes with its connection, and a run that ended is not run again. One that died is.
/// </summary>
internal static class RunJob
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What came of it: said by the job, or why it failed.</summary>
    public sealed record Outcome(bool IsDone, string Said);

    /// <returns>Null when somebody else runs it now, or ran it for this time already.</returns>
    /// <param name="by">Who started it by hand; empty when the schedule did.</param>
    /// <param name="begun">Called once it runs.</param>
    public static async Task<Outcome?> Run(
        Composition exchange, Job job, Instant due, CancellationToken ct, string by = "", Action? begun = null)
    {
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        if (!await Lock(connection, job, ct))
        {
            return null;
        }

        try
        {
            if (!await Begin(connection, job, due, by, exchange.Clock.GetCurrentInstant(), ct))
            {
                return null;
            }

            begun?.Invoke();
            var outcome = await Work(exchange, job, due, ct);
            await End(connection, job, due, outcome, exchange.Clock.GetCurrentInstant());
            return outcome;
        }
        finally
        {
            // A connection that broke has let go of its lock.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await connection.Execute("select pg_advisory_unlock_all()", [], CancellationToken.None);
            }
        }
    }

    private static async Task<Outcome> Work(Composition exchange, Job job, Instant due, CancellationToken ct)
    {
        var told = 0L;
        var telling = Task.CompletedTask;
        void Step(string said)
        {
            if (telling.IsCompleted && (told == 0 || Stopwatch.GetElapsedTime(told) > Pause))
            {
                told = Stopwatch.GetTimestamp();
                telling = Tell(exchange.Database, job, due, said);
            }
        }

        await using var stop = StopAsked.Of(exchange.Database, job, due, ct);
        try
        {
            return new(true, await job.Work(exchange, Step, stop.Token));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw; // It stops with the server; the row says that it died, so it is run again.
        }
        catch (OperationCanceledException) when (stop.By is { } who)
        {
            return new(false, $"It was stopped by {who}.");
        }
        catch (RefusedException e)
        {
            return new(false, e.Message);
        }
        catch (Exception e)
        {
            return new(false, $"It failed: {e.Message}");
        }
        finally
        {
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> Lock(NpgsqlConnection connection, Job job, CancellationToken ct)
    {
        const string Sql = "select pg_try_advisory_lock(hashtextextended('exchange job ' || $1, 0))";
        await using var command = connection.Statement(Sql, [job.Name]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task<bool> Begin(
        NpgsqlConnection connection, Job job, Instant due, string by, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into exchange.job_run as run (job, due, started_at, said, attempts, asked_by)
            values ($1, $2, $3, '', 1, $4)
            on conflict (job, due) do update
            set started_at = excluded.started_at, attempts = run.attempts + 1, stop_asked_by = ''
            where run.ended_at is null
            """;

        return await connection.Execute(Sql, [job.Name, due.ToDateTimeUtc(), now.ToDateTimeUtc(), by], ct) == 1;
    }

    private static async Task Tell(NpgsqlDataSource database, Job job, Instant due, string said) =>
        await database.Execute(
            "update exchange.job_run set said = $3 where job = $1 and due = $2 and ended_at is null",
            [job.Name, due.ToDateTimeUtc(), said], CancellationToken.None);

    private static async Task End(
        NpgsqlConnection connection, Job job, Instant due, Outcome outcome, Instant now) =>
        await connection.Execute(
            "update exchange.job_run set said = $3, is_done = $4, ended_at = $5 where job = $1 and due = $2",
            [job.Name, due.ToDateTimeUtc(), outcome.Said, outcome.IsDone, now.ToDateTimeUtc()],
            CancellationToken.None);
}
