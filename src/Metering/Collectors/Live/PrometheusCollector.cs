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
/// Reads a Prometheus window by window. Moments of which it had nothing are gaps: they are shown, and asked for again
/// each time until they fill.
/// </summary>
public sealed class PrometheusCollector : ICollector
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
        foreach (var gap in collecting.Gaps.TakeLast(GapsAskedForAgain))
        {
            foreach (var window in Windows(gap.Period.Start, gap.Period.End))
            {
                await Read(window, collecting, ct);
            }
        }

        var until = Floor(collecting.Now - _windows.Settle);
        var from = Floor(collecting.ReadUntil ?? _windows.Start);
        if (from < until)
        {
            var start = Instant.Max(Floor(_windows.Start), Floor(from - _windows.Overlap));
            foreach (var window in Windows(start, until))
            {
                await Read(window, collecting, ct);
            }
        }
    }

    private async Task Read(Period window, Collecting collecting, CancellationToken ct)
    {
        var context = collecting.Context(Identity.Name);
        var read = await _read(_prometheus, window, _windows.Step, context, ct);
        var until = collecting.ReadUntil is { } before ? Instant.Max(before, window.End) : window.End;
        await collecting.Missing(window, Gaps.Missing(window, _windows.Step, read.Seen), ct);
        await collecting.Take(read.Collected, Text.Of(until), until, null, context.Tally, ct);
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
