using NodaTime;
using Quartz;

namespace Exchange.Portal.Jobs;

/// <summary>Something that is done by itself at set times, and by 'exchange jobs run' at any other.</summary>
/// <param name="Cron">When, in UTC, as Quartz writes it; null when it is off here.</param>
/// <param name="NotHere">Why it cannot be run here at all, not even by hand; null when it can.</param>
/// <param name="Work">Does it and says what came of it; safe to run again, and told a way to say how far it is.</param>
internal sealed record Job(
    string Name, string What, string? Cron, Func<Composition, Action<string>, CancellationToken, Task<string>> Work,
    Refusal? NotHere = null)
{
    /// <summary>Whether it has no times: an operator starts it.</summary>
    public bool IsByHand { get; init; }

    /// <summary>When it is due next; null when it is off or only started by hand.</summary>
    public Instant? NextAfter(Instant now) => Cron is { } cron &&
        new CronExpression(cron, TimeZoneInfo.Utc).GetNextValidTimeAfter(now.ToDateTimeOffset()) is { } at
            ? Instant.FromDateTimeOffset(at)
            : null;
}
