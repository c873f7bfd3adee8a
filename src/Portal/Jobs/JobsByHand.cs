using System.Collections.Concurrent;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Runs the jobs that people start on pages, beside the schedule: the page comes back once the run has begun.
/// </summary>
internal sealed class JobsByHand(Composition exchange, ILogger<JobsByHand> log) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, Task> _running = new();

    /// <returns>False when somebody runs it already.</returns>
    public async Task<bool> Begin(Job job, string by, string origin)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunJob.Run(
            exchange, job, exchange.Clock.GetCurrentInstant(), _stopping.Token, by, begun.SetResult);
        if (await Task.WhenAny(run, begun.Task) == run)
        {
            return await run is not null;
        }

        _running[run] = End(job, by, origin, run);
        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task End(Job job, string by, string origin, Task<RunJob.Outcome?> run)
    {
        try
        {
            var outcome = await run;
            await exchange.Audit.Note(
                by, "jobs end", job.Name, outcome?.IsDone == true ? "done" : "jobs/failed", origin,
                CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // It stops with the server; its row says that it died.
        }
        catch (Exception e)
        {
            JobsLog.Lost(log, job.Name, e);
        }
        finally
        {
            _running.TryRemove(run, out _);
        }
    }
}

/// <summary>What is written to the log of the server about jobs.</summary>
internal static partial class JobsLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The end of job '{Job}' could not be kept.")]
    public static partial void Lost(ILogger log, string job, Exception e);
}
