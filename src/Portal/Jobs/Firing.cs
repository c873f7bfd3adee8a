using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using NodaTime;

namespace Exchange.Portal.Jobs;

/// <summary>
/// What Hangfire fires: the job of a name, for the last time at which it was due. Its names are stored in Hangfire's
/// tables: whoever changes one leaves behind firings that nobody understands.
/// </summary>
internal sealed class Firing(Composition exchange, IReadOnlyList<Job> jobs)
{
    /// <summary>What it says to be fired again in a moment.</summary>
    public const string Busy = "busy";

    /// <param name="by">Who started it by hand; empty when the schedule did.</param>
    [AutomaticRetry(Attempts = 20, DelaysInSeconds = [15])]
    [FiredAgainWhileBusy]
    public async Task<string> Run(
        string name, string by, string origin, PerformContext context, CancellationToken ct)
    {
        if (jobs.FirstOrDefault(one => one.Name == name) is not { } job)
        {
            return $"This server knows no job '{name}'.";
        }

        var number = long.Parse(context.BackgroundJob.Id, System.Globalization.CultureInfo.InvariantCulture);
        var fired = Instant.FromDateTimeUtc(DateTime.SpecifyKind(context.BackgroundJob.CreatedAt, DateTimeKind.Utc));
        var start = new RunJob.Start(by.Length > 0 ? fired : job.LastDue(fired), by, origin, number);
        var attempt = await RunJob.Run(exchange, job, start, ct);
        if (attempt.IsBusy)
        {
            // One that somebody asked for by hand was refused if it had not begun; only what died comes here again.
            return by.Length == 0 || await JobRuns.HasBegun(exchange.Database, job, number, ct) ? Busy : "Not run.";
        }

        if (by.Length > 0 && attempt.Outcome is { } outcome)
        {
            await exchange.Audit.Note(
                by, "jobs end", name, outcome.IsDone ? "done" : "jobs/failed", origin, CancellationToken.None);
        }

        return attempt.Outcome?.Said ?? "It was run already.";
    }
}

/// <summary>
/// Fires again, a little later, what found its job running: it may be its own run, whose server is about to be gone.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FiredAgainWhileBusyAttribute : JobFilterAttribute, IElectStateFilter
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is SucceededState { Result: Firing.Busy })
        {
            context.CandidateState = new ScheduledState(Pause) { Reason = "Its job runs elsewhere." };
        }
    }
}
