using Exchange.Journal;
using Exchange.Metering.Collectors.Live;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange collect again' — asks a source again for a window, and corrects what that window told.</summary>
public sealed class CollectWindowAgain(
    RunCollectors collectors, ICollector collector, Period window, string reason) : ICommand<WindowCorrected>
{
    public string Act => "collect again";
    public string Target => $"{collector.Identity.Name} {window} {reason}";
    public string Permission => CorrectReadings.Allowed;

    public Task<WindowCorrected> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        collectors.Again(collector, window, reason, ct);
}
