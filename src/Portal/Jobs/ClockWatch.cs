using System.Diagnostics;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Notices that the machine's clock was set, by a clock that nobody sets, and says so. Whatever waits for a time by the
/// old clock waits for it by the new one from then on: nothing stands still until it has caught up.
/// </summary>
internal sealed class ClockWatch(Composition exchange, JobSchedule schedule, ILogger<ClockWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>What a machine that is busy, or sleeps a moment, may be out by.</summary>
    private static readonly Duration Slack = Duration.FromSeconds(60);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (exchange.Clock is not SystemClock)
        {
            return; // The clock of a demonstration or of a test goes as it is told; nothing is wrong with the machine.
        }

        var (then, ticks) = (exchange.Clock.GetCurrentInstant(), Stopwatch.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var elapsed = Duration.FromTimeSpan(Stopwatch.GetElapsedTime(ticks));
            var now = exchange.Clock.GetCurrentInstant();
            var off = now - then - elapsed;
            if (off > Slack || off < -Slack)
            {
                await Try(then + elapsed, now, stoppingToken);
            }

            (then, ticks) = (now, Stopwatch.GetTimestamp());
        }
    }

    private async Task Try(Instant expected, Instant now, CancellationToken ct)
    {
        try
        {
            await Jumped(expected, now, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.LogError(e, "What waits for a time could not be set by the new clock. Start the server again.");
        }
    }

    /// <summary>Says that the clock was set, and sets what waits by the new one.</summary>
    public async Task Jumped(Instant expected, Instant now, CancellationToken ct)
    {
        const string Waiting = """
            with mail as (
              update exchange.outbox set next_at = $1
              where sent_at is null and failed_at is null and next_at > $1 and attempts = 0)
            update exchange.webhook_outcome set next_at = $1 where done_at is null and next_at > $1 and attempts = 0
            """;

        var way = now < expected ? "back" : "forward";
        var by = now < expected ? expected - now : now - expected;
        log.LogError(
            "The clock of this machine was set {Way} by {By}: from {Expected} to {Now}. Jobs are due by the new one.",
            way, by, Exchange.Text.Of(expected), Exchange.Text.Of(now));
        await exchange.Audit.Note(
            "clock", "clock set", $"{way} by {by}, from {Exchange.Text.Of(expected)} to {Exchange.Text.Of(now)}",
            "done", "local", ct);
        if (way == "back")
        {
            await exchange.Database.Execute(Waiting, [now], ct);
            schedule.Reckon(again: true);
        }
    }
}
