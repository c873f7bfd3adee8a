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

    /// <summary>A wish that a job be run.</summary>
    /// <param name="Due">For which time of its schedule, or when somebody asked for it.</param>
    /// <param name="By">Who started it by hand; empty when the schedule did.</param>
    /// <param name="Firing">Which firing of the schedule it is; null when the schedule knows nothing of it.</param>
    public sealed record Start(Instant Due, string By = "", string Origin = "local", long? Firing = null);

    /// <summary>What came of it: said by the job, or why it failed.</summary>
    public sealed record JobOutcome(bool IsDone, string Said);

    /// <summary>Whether it was run here and now.</summary>
    /// <param name="IsBusy">Somebody else runs this job now.</param>
    /// <param name="Outcome">Null when it was not run here: somebody else does, or it was run for this time.</param>
    public sealed record Attempt(bool IsBusy, JobOutcome? Outcome);

    /// <returns>Null when somebody else runs it now, or ran it for this time already.</returns>
    public static async Task<JobOutcome?> Run(Composition exchange, Job job, Instant due, CancellationToken ct) =>
        (await Run(exchange, job, new Start(due), ct)).Outcome;

    public static async Task<Attempt> Run(Composition exchange, Job job, Start start, CancellationToken ct)
    {
        await using var connection = await exchange.JobDatabase.OpenConnectionAsync(ct);
        await LetGoWhenDead(connection, ct);
        if (!await Lock(connection, job, ct))
        {
            return new(true, null);
        }

        try
        {
            if (await JobRuns.Begin(connection, job, start, exchange.Clock.GetCurrentInstant(), ct) is not { } due)
            {
                return new(false, null);
            }

            var outcome = await Work(exchange, job, start with { Due = due }, ct);
            await JobRuns.End(connection, job, due, outcome, exchange.Clock.GetCurrentInstant());
            return new(false, outcome);
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

    /// <summary>Whether nobody runs it at this moment.</summary>
    public static async Task<bool> IsFree(NpgsqlDataSource database, Job job, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var isFree = await Lock(connection, job, ct);
        await connection.Execute("select pg_advisory_unlock_all()", [], CancellationToken.None);
        return isFree;
    }

    private static async Task<JobOutcome> Work(Composition exchange, Job job, Start start, CancellationToken ct)
    {
        var told = 0L;
        var telling = Task.CompletedTask;
        void Step(string said)
        {
            if (telling.IsCompleted && (told == 0 || Stopwatch.GetElapsedTime(told) > Pause))
            {
                told = Stopwatch.GetTimestamp();
                telling = JobRuns.Tell(exchange.Database, job, start.Due, said);
            }
        }

        await using var stop = StopAsked.Of(exchange.Database, job, start.Due, ct);
        try
        {
            var by = start.By.Length > 0 ? start.By : $"job:{job.Name}";
            return new(true, await job.Work(exchange, new(by, start.Origin, Step), stop.Token));
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

    /// <summary>
    /// A machine that is gone closes no connection. Without this its lock would last for the two hours after which
    /// Postgres asks whether it is still there.
    /// </summary>
    private static Task<int> LetGoWhenDead(NpgsqlConnection connection, CancellationToken ct) => connection.Execute(
        "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3", [], ct);

    private static async Task<bool> Lock(NpgsqlConnection connection, Job job, CancellationToken ct)
    {
        const string Sql = "select pg_try_advisory_lock(hashtextextended('exchange job ' || $1, 0))";
        await using var command = connection.Statement(Sql, [job.Name]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}
