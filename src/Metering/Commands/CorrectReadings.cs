using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange correct ID …' — takes readings of a source back, or says what is right of each.</summary>
/// <param name="what">The id of each, and what is right instead; null where it is taken back.</param>
public sealed class CorrectReadings(
    Meter meter, LandlordId landlord, string source, IReadOnlyList<(string Id, Reading? Right)> what, string reason)
    : ICommand<WindowCorrected>
{
    public const string Allowed = "correct usage";
    public const int MaxReadings = 1_000;
    private const int MaxNamed = 20;

    public string Act => "correct";
    public string Permission => Allowed;

    public string Target => $"{source} {string.Join(' ', what.Take(MaxNamed).Select(one => one.Id))}" +
        (what.Count > MaxNamed ? $" and {what.Count - MaxNamed} more" : "") + $" {reason}";

    /// <exception cref="RefusedException">One of them is of another landlord, or is not as corrections are.</exception>
    public async Task<WindowCorrected> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (what.Count is 0 or > MaxReadings)
        {
            throw new RefusedException(new(
                "correct/usage", $"{what.Count} readings are named; at once are corrected from 1 to {MaxReadings}."));
        }

        if (what.FirstOrDefault(one => one.Right is { } right && right.Resource.Landlord != landlord) is
            { Right: { } other })
        {
            throw new RefusedException(new(
                "correct/other-landlord", $"What is right names {other.Resource}, which is not of {landlord}. " +
                "Ids are the landlord's own: correct each landlord's readings apart."));
        }

        var items = await meter.IngestEach(
            [.. what.Select(one => (Collected)Corrections.Of(landlord, source, one.Id, reason, one.Right, now))], ct);
        if (items.FirstOrDefault(item => item.Fate == ItemFate.Quarantined) is { Reason: { } code, Why: { } why })
        {
            throw new RefusedException(new("correct/not-taken", $"It cannot be taken ({code}): {why}"));
        }

        await meter.Fold(ct);
        var replaced = what.Count(one => one.Right is not null);
        return new(0, replaced, what.Count - replaced, 0);
    }
}
