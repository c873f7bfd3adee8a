using System.Diagnostics;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What came to closed months since the last close, as new as the journal and the meter: worked out again when
/// something came, once for all requests that wait for it.
/// </summary>
internal sealed class LateNow(Func<Sources> sources, PricesNow prices, Meter meter)
{
    private readonly SemaphoreSlim _one = new(1);
    private Kept? _kept;

    /// <param name="Began">When it was begun: it is as new as whatever was asked before.</param>
    private sealed record Kept(string Version, long Began, IReadOnlyList<LateUsage> Late);

    /// <param name="version">Of everything that the journal says of owners, months and funds.</param>
    public async Task<IReadOnlyList<LateUsage>> Of(string version, Instant now, CancellationToken ct)
    {
        var asked = Stopwatch.GetTimestamp();
        var wanted = $"{version}/{(await prices.Get(ct)).Version}/{await meter.Progress.Version(ct)}/" +
            $"{await meter.Progress.LastBill(ct)}";
        if (_kept is { } kept && kept.Version == wanted)
        {
            return kept.Late;
        }

        await _one.WaitAsync(ct);
        try
        {
            if (_kept is { } other && (other.Version == wanted || other.Began > asked))
            {
                return other.Late;
            }

            var began = Stopwatch.GetTimestamp();
            var late = await LateUsage.Read(sources(), now, ct);
            _kept = new(wanted, began, late);
            return late;
        }
        finally
        {
            _one.Release();
        }
    }
}
