using System.Diagnostics;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What came to closed months since the last close, worked out once for all who ask: a change of the journal counts at
/// once, what the meter took within a minute. Who rates open months works it out anew, so that a page seldom waits.
/// </summary>
internal sealed class LateNow(Func<Sources> sources, PricesNow prices, Meter meter) : IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _one = new(1);
    private Kept? _kept;

    /// <param name="Began">When it was begun: it is as new as whatever was asked before.</param>
    private sealed record Kept(string Journal, string Meter, long Began, IReadOnlyList<LateUsage> Late);

    /// <summary>As it was within the last minute.</summary>
    /// <param name="version">Of everything that the journal says of owners, months and funds.</param>
    public async Task<IReadOnlyList<LateUsage>> Of(string version, Instant now, CancellationToken ct) =>
        _kept is { } kept && kept.Journal == await Journal(version, ct) &&
        Stopwatch.GetElapsedTime(kept.Began) < MaxAge
            ? kept.Late
            : await Fresh(version, now, ct);

    /// <summary>As it is now.</summary>
    public async Task<IReadOnlyList<LateUsage>> Fresh(string version, Instant now, CancellationToken ct)
    {
        var asked = Stopwatch.GetTimestamp();
        var journal = await Journal(version, ct);
        var taken = $"{await meter.Progress.Version(ct)}/{await meter.Progress.LastBill(ct)}";
        await _one.WaitAsync(ct);
        try
        {
            if (_kept is { } kept && ((kept.Journal == journal && kept.Meter == taken) || kept.Began > asked))
            {
                return kept.Late;
            }

            var began = Stopwatch.GetTimestamp();
            var late = await LateUsage.Read(sources(), now, ct);
            _kept = new(journal, taken, began, late);
            return late;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> Journal(string version, CancellationToken ct) =>
        $"{version}/{(await prices.Get(ct)).Version}";
}
