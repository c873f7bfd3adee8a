using Cronos;
using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Jobs;

/// <summary>A run of a job as its work sees it: who started it, and a way to say how far it is.</summary>
/// <param name="By">Who started it by hand; the job itself, as 'job:close', when the schedule did.</param>
internal sealed record JobRun(string By, string Origin, Action<string> Step)
{
    /// <summary>Whoever started it was allowed what the job does; the schedule may do all of it.</summary>
    public Actor Actor => new(By, Origin, _ => true);
}

/// <summary>Something that is done by itself at set times, and by 'exchange jobs run' at any other.</summary>
/// <param name="Cron">When, in UTC, with seconds first; null when it is off here.</param>
/// <param name="NotHere">Why it cannot be run here at all, not even by hand; null when it can.</param>
/// <param name="Work">Does it and says what came of it; safe to run again, and told a way to say how far it is.</param>
internal sealed record Job(
    string Name, string What, string? Cron, Func<Composition, JobRun, CancellationToken, Task<string>> Work,
    Refusal? NotHere = null)
{
    /// <summary>How far back a time at which it was due is looked for; a monthly one is never further.</summary>
    private static readonly Duration[] Back =
        [Duration.FromHours(1), Duration.FromDays(1), Duration.FromDays(32), Duration.FromDays(366)];

    /// <summary>Whether it has no times: an operator starts it.</summary>
    public bool IsByHand { get; init; }

    /// <summary>What whoever starts or stops it must be allowed; a job gives nobody what pages refuse.</summary>
    public string Act { get; init; } = Permissions.RunJobs;

    /// <summary>When it is due next; null when it is off or only started by hand.</summary>
    public Instant? NextAfter(Instant now) =>
        Times?.GetNextOccurrence(now.ToDateTimeUtc()) is { } at ? Instant.FromDateTimeUtc(at) : null;

    /// <summary>The last time at which it was due, up to an instant; that instant when there is none.</summary>
    public Instant LastDue(Instant until)
    {
        if (Times is { } times)
        {
            foreach (var back in Back)
            {
                var last = times.GetOccurrences(
                    (until - back).ToDateTimeUtc(), until.ToDateTimeUtc(), fromInclusive: true, toInclusive: true)
                    .Select(Instant.FromDateTimeUtc).DefaultIfEmpty(Instant.MinValue).Max();
                if (last > Instant.MinValue)
                {
                    return last;
                }
            }
        }

        return until;
    }

    private CronExpression? Times => Cron is null ? null : CronExpression.Parse(Cron, CronFormat.IncludeSeconds);
}
