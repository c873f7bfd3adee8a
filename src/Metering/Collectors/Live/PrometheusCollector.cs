using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>From when, in which steps and windows a Prometheus is read.</summary>
/// <param name="Start">Nothing before it is read.</param>
/// <param name="Step">What one sample stands for.</param>
/// <param name="Window">How much is asked for at once.</param>
/// <param name="Overlap">How much of what was read is read again, for samples that came late.</param>
/// <param name="Settle">How old a moment must be before it is read.</param>
public sealed record PrometheusWindows(
    Instant Start, Duration Step, Duration Window, Duration Overlap, Duration Settle);

/// <summary>What a window held: records, and the moments at which the source was heard at all.</summary>
internal sealed record WindowRead(IReadOnlyList<Collected> Collected, IReadOnlySet<Instant> Seen);

/// <summary>What is asked of a window, and what is made of the answers.</summary>
internal delegate Task<WindowRead> ReadWindow(
    PrometheusApi prometheus, Period window, Duration step, CollectorContext context, CancellationToken ct);

/// <summary>
/// Reads a Prometheus window by window. Moments of which it had nothing, or only a part, are gaps: they are shown, and
/// asked for again each time until they fill.
/// </summary>
public sealed class PrometheusCollector : ICollectsAgain
{
    private const int GapsAskedForAgain = 20;
    private readonly PrometheusApi _prometheus;
    private readonly PrometheusWindows _windows;
    private readonly ReadWindow _read;

    private PrometheusCollector(
        CollectorIdentity identity, HttpClient http, PrometheusAddress address, PrometheusWindows windows,
        ReadWindow read)
    {
        (Identity, _windows, _read) = (identity, windows, read);
        _prometheus = new(http, address);
    }

    public CollectorIdentity Identity { get; }

    /// <summary>Collects what pods request of CPU, memory and GPUs.</summary>
    public static PrometheusCollector OfPods(
        CollectorIdentity identity, HttpClient http, PrometheusAddress address, PrometheusWindows windows) =>
        new(identity, http, address, windows, PodWindow.Read);

    /// <summary>Collects how busy GPUs were and the energy that they took, from what DCGM exports.</summary>
    public static PrometheusCollector OfGpus(
        CollectorIdentity identity, HttpClient http, PrometheusAddress address, PrometheusWindows windows) =>
        new(identity, http, address, windows, GpuWindow.Read);

    public async Task Collect(Collecting collecting, bool stay, CancellationToken ct)
    {
        Refusal? partial = null;
        foreach (var gap in InTurn(collecting.Gaps, collecting.Now))
        {
            foreach (var window in Windows(gap.Period.Start, gap.Period.End))
            {
                partial = await Read(window, collecting, ct) ?? partial;
            }
        }

        var until = Floor(collecting.Now - _windows.Settle);
        var from = Floor(collecting.ReadUntil ?? _windows.Start);
        if (from < until)
        {
            var start = Instant.Max(Floor(_windows.Start), Floor(from - _windows.Overlap));
            foreach (var window in Windows(start, until))
            {
                partial = await Read(window, collecting, ct) ?? partial;
            }
        }

        if (partial is not null)
        {
            throw new RefusedException(partial);
        }
    }

    public Period Whole(Period window) =>
        new(Floor(window.Start), Floor(window.End + _windows.Step - Duration.Epsilon));

    /// <summary>
    /// Asks for a step more, because what is counted up to a moment begins at the one before; and takes what begins in
    /// the window.
    /// </summary>
    public async Task<ToldAgain> Tell(Period window, CollectorContext context, CancellationToken ct)
    {
        var (readings, seen) = (new List<Reading>(), new HashSet<Instant>());
        foreach (var part in Windows(window.Start, window.End))
        {
            var read = await _read(_prometheus, new(part.Start, part.End + _windows.Step), _windows.Step, context, ct);
            readings.AddRange(read.Collected.Select(CollectAgain.Understood).Where(one => part.Contains(one.From)));
            seen.UnionWith(read.Seen);
        }

        if (Gaps.Missing(window, _windows.Step, seen).ToList() is [var missing, ..])
        {
            throw new RefusedException(new(
                "collect/again-gap", $"The source says nothing of {missing}, so what it told before would be taken " +
                "back. Nothing was changed. Name a window of which it tells all.", Identity.Name));
        }

        return new(readings, [context.Source(context.RequiredCluster(Identity.Kind), Identity.Kind)]);
    }

    /// <summary>The gaps that are asked for this time; of many some, and others the next time.</summary>
    private static IEnumerable<CollectorGap> InTurn(IReadOnlyList<CollectorGap> gaps, Instant now)
    {
        var first = gaps.Count > GapsAskedForAgain ? (int)(now.ToUnixTimeSeconds() / 60 % gaps.Count) : 0;
        return Enumerable.Range(first, int.Min(gaps.Count, GapsAskedForAgain)).Select(n => gaps[n % gaps.Count]);
    }

    /// <summary>A window that was answered in part is a gap as a whole; why is told when all were read.</summary>
    private async Task<Refusal?> Read(Period window, Collecting collecting, CancellationToken ct)
    {
        var context = collecting.Context(Identity.Name);
        var until = collecting.ReadUntil is { } before ? Instant.Max(before, window.End) : window.End;
        WindowRead read;
        try
        {
            read = await _read(_prometheus, window, _windows.Step, context, ct);
        }
        catch (RefusedException e) when (e.Refusal.Code == PrometheusAnswers.Partial)
        {
            await collecting.Missing(window, [window], ct);
            await collecting.Take([], Text.Of(until), until, null, context.Tally, ct);
            return e.Refusal;
        }

        await collecting.Missing(window, Gaps.Missing(window, _windows.Step, read.Seen), ct);
        await collecting.Take(read.Collected, Text.Of(until), until, null, context.Tally, ct);
        return null;
    }

    private IEnumerable<Period> Windows(Instant start, Instant end)
    {
        for (var at = start; at < end; at += _windows.Window)
        {
            yield return new(at, Instant.Min(at + _windows.Window, end));
        }
    }

    private Instant Floor(Instant at)
    {
        var step = (long)_windows.Step.TotalSeconds;
        var seconds = at.ToUnixTimeSeconds();
        return Instant.FromUnixTimeSeconds(seconds - (((seconds % step) + step) % step));
    }
}
