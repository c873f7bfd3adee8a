using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange quarantine release' — takes a reading whose cause to be set aside is repaired.</summary>
/// <param name="corrected">What it should have been; null to take it as it came.</param>
public sealed class ReleaseReading(Meter meter, string name, string? corrected, string by) : ICommand<IngestOutcome>
{
    public string Act => "quarantine release";
    public string Target => name;
    public string Permission => CorrectFromQuarantine.Allowed;

    public Task<IngestOutcome> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        meter.Release(name, corrected, by, ct);
}
