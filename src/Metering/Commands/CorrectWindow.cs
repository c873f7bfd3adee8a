using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange correct --from --to' — replaces all that a source said of a window by what is right.</summary>
/// <param name="right">All of it; none where all is taken back.</param>
public sealed class CorrectWindow(
    Meter meter, LandlordId landlord, string source, Period window, IReadOnlyList<Reading> right, string reason)
    : ICommand<WindowCorrected>
{
    public string Act => "correct";
    public string Target => $"{source} {window} {reason}";
    public string Permission => CorrectReadings.Allowed;

    /// <exception cref="RefusedException">What is right is of another landlord, source or time.</exception>
    public Task<WindowCorrected> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        meter.Corrections.TellAgain(landlord, source, window, right, reason, now, ct);
}
