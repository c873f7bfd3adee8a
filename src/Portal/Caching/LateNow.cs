using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What came to closed months since the last close: a change of the journal counts at once, what the meter took within
/// a minute. A server that rates open months works it out each time before pages ask; on one that does not, the first
/// who asks after a minute in which the meter took something waits for it.
/// </summary>
internal sealed class LateNow(Func<Sources> sources, PricesNow prices, Meter meter) : IDisposable
{
    private readonly RecentAnswers<string, IReadOnlyList<LateUsage>> _answers = new();

    /// <summary>As it was within the last minute.</summary>
    /// <param name="version">Of everything that the journal says of owners, months and funds.</param>
    public Task<IReadOnlyList<LateUsage>> Of(string version, Instant now, CancellationToken ct) =>
        Of(version, RecentAnswers.MaxAge, now, ct);

    /// <summary>As it is now.</summary>
    public Task<IReadOnlyList<LateUsage>> Fresh(string version, Instant now, CancellationToken ct) =>
        Of(version, TimeSpan.Zero, now, ct);

    public void Dispose() => _answers.Dispose();

    private async Task<IReadOnlyList<LateUsage>> Of(
        string version, TimeSpan maxAge, Instant now, CancellationToken ct) => await _answers.Of(
            "", $"{version}/{(await prices.Get(ct)).Version}", maxAge,
            async () => $"{await meter.Progress.Version(ct)}/{await meter.Progress.LastBill(ct)}",
            () => LateUsage.Read(sources(), now, ct), ct);
}
