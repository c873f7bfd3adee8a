using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange quarantine correct' — takes what was set aside as the correction of the first.</summary>
public sealed class CorrectFromQuarantine(Meter meter, string name, string reason, string by) : ICommand<string>
{
    public const string Allowed = "decide on quarantine";

    public string Act => "quarantine correct";
    public string Target => $"{name} {reason}";
    public string Permission => Allowed;

    /// <returns>The id of the correction.</returns>
    public Task<string> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        meter.CorrectBy(name, reason, by, ct);
}
