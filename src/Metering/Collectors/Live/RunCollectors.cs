using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Runs collectors: each by itself, in one process at a time, whatever becomes of the others.</summary>
public sealed class RunCollectors(NpgsqlDataSource database, Meter meter, IClock clock)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);
    private readonly CollectorLog _log = new(database);

    /// <summary>Takes what a source has now; null when another process is at it.</summary>
    /// <exception cref="RefusedException">The source refuses, or cannot be reached.</exception>
    public async Task<IngestOutcome?> Once(ICollector collector, CancellationToken ct)
    {
        await using var owned = await _log.Own(collector.Identity.Name, ct);
        return owned is null ? null : await Run(collector, stay: false, ct);
    }

    /// <summary>Asks a source again for a window and corrects what that window told.</summary>
    /// <exception cref="RefusedException">It cannot be asked again, or another process is at it.</exception>
    public async Task<WindowCorrected> Again(
        ICollector collector, Period window, string reason, CancellationToken ct)
    {
        await using var owned = await _log.Own(collector.Identity.Name, ct);
        return owned is null
            ? throw new RefusedException(new(
                "collect/busy", "Another process collects it now. Stop that one, or try again in a moment.",
                collector.Identity.Name))
            : await new CollectAgain(meter, clock).Run(collector, window, reason, ct);
    }

    /// <summary>Runs collectors until it is cancelled; a failure is noted, told, and tried again.</summary>
    /// <param name="told">Told of each failure: the collector's name, and why.</param>
    public Task Forever(IEnumerable<ICollector> collectors, Action<string, string> told, CancellationToken ct) =>
        Task.WhenAll(collectors.Select(collector => Forever(collector, told, ct)));

    private async Task Forever(ICollector collector, Action<string, string> told, CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            var pause = collector.Identity.Every.ToTimeSpan();
            try
            {
                await using var owned = await _log.Own(collector.Identity.Name, ct);
                if (owned is not null)
                {
                    await Run(collector, stay: true, ct);
                }

                failures = 0;
            }
            catch (Exception e) when (IsOfTheWorld(e) && !ct.IsCancellationRequested)
            {
                told(collector.Identity.Name, e.Message);
                pause = Longer(++failures);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return; // What was taken before stays; the rest is read again.
            }

            await Task.Delay(pause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IngestOutcome> Run(ICollector collector, bool stay, CancellationToken ct)
    {
        var who = collector.Identity;
        await _log.Begin(who, clock.GetCurrentInstant(), ct);
        var state = (await _log.All(ct)).Single(one => one.Name == who.Name);
        var collecting = new Collecting(meter, _log, clock, who, state);
        try
        {
            await collector.Collect(collecting, stay, ct);
        }
        catch (Exception e) when (IsOfTheWorld(e) && !ct.IsCancellationRequested)
        {
            await _log.Failed(who.Name, e.Message, ct);
            throw;
        }

        await _log.Succeeded(who.Name, clock.GetCurrentInstant(), ct);
        return collecting.Sum;
    }

    /// <summary>What another attempt may cure; everything else is a fault of the program and stops it.</summary>
    private static bool IsOfTheWorld(Exception e) => e is RefusedException or HttpRequestException or IOException
        or NpgsqlException or TimeoutException or TaskCanceledException or UnauthorizedAccessException;

    private static TimeSpan Longer(int failures)
    {
        var seconds = TimeSpan.FromSeconds(1L << int.Min(failures, 10));
        return seconds < MaxPause ? seconds : MaxPause;
    }
}
