using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// Releases or discards many readings that were set aside for one reason. Each by itself: one that still cannot be
/// taken keeps none of the others.
/// </summary>
/// <param name="discardedBecause">Why none of them ever counts; null to release them.</param>
/// <param name="corrected">Of a release: what a reading should have been; null to take it as it came.</param>
public sealed class DecideByReason(
    Meter meter, string reason, IReadOnlyList<QuarantinedReading> waiting, string? discardedBecause,
    Func<QuarantinedReading, string?> corrected, string by) : ICommand<DecideByReason.BulkOutcome>
{
    /// <summary>What came of it: how many were decided, and why others were not.</summary>
    public sealed record BulkOutcome(int Done, IReadOnlyList<(string Name, string Why)> Left);

    public string Act => discardedBecause is null ? "quarantine release many" : "quarantine discard many";
    public string Target { get; private set; } = $"{waiting.Count} for {reason}";
    public string Permission => CorrectFromQuarantine.Allowed;

    public async Task<BulkOutcome> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var (done, left) = (0, new List<(string, string)>());
        foreach (var one in waiting)
        {
            try
            {
                await (discardedBecause is null
                    ? meter.Release(one.Name, corrected(one), by, ct)
                    : meter.Discard(one.Name, discardedBecause, by, ct));
                done++;
            }
            catch (RefusedException e)
            {
                left.Add((one.Name, e.Refusal.Message));
            }
        }

        Target = $"{done} of {waiting.Count} for {reason}";
        return new(done, left);
    }
}
