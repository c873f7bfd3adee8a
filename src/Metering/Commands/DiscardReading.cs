using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange quarantine discard' — decides that a reading that was set aside never counts.</summary>
/// <param name="because">Kept for ever.</param>
public sealed class DiscardReading(Meter meter, string name, string because, string by) : ICommand<bool>
{
    public string Act => "quarantine discard";
    public string Target => name;
    public string Permission => CorrectFromQuarantine.Allowed;

    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        await meter.Discard(name, because, by, ct);
        return true;
    }
}
