using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Asks a collector's source again for a window, and corrects what that window told.</summary>
public sealed class CollectAgain(Meter meter, IClock clock)
{
    /// <exception cref="RefusedException">The source cannot be asked again, or does not tell all of it.</exception>
    public async Task<WindowCorrected> Run(
        ICollector collector, Period window, string reason, CancellationToken ct)
    {
        if (Text.IsBlank(reason))
        {
            throw new RefusedException(new("collect/no-reason", "Say why: the reason is kept for ever."));
        }

        var who = collector.Identity;
        if (collector is not ICollectsAgain source)
        {
            throw new RefusedException(new(
                "collect/not-again", $"What a collector of kind '{who.Kind}' and its format brought cannot be asked " +
                "for again. Correct the readings with 'exchange correct', or take a bill again as a re-issue.",
                who.Name));
        }

        var now = clock.GetCurrentInstant();
        var whole = source.Whole(window);
        var told = await source.Tell(whole, new(who.Landlord, who.Cluster, now, who.Name), ct);
        if (told.Readings.FirstOrDefault(one => one.Resource.Landlord != who.Landlord) is { } other)
        {
            throw new RefusedException(new(
                "collect/other-landlord", $"It tells of {other.Resource}, and is a collector of {who.Landlord}. " +
                "Nothing was changed.", who.Name));
        }

        var sum = new WindowCorrected(0, 0, 0, 0);
        foreach (var name in told.Sources.Union(told.Readings.Select(one => one.Source)))
        {
            var done = await meter.Corrections.TellAgain(
                who.Landlord, name, whole,
                [.. told.Readings.Where(one => one.Source == name).DistinctBy(one => one.Id)], reason, now, ct);
            sum = new(
                sum.Unchanged + done.Unchanged, sum.Replaced + done.Replaced, sum.Retracted + done.Retracted,
                sum.Added + done.Added);
        }

        await meter.Fold(ct);
        return sum;
    }

    /// <summary>Only readings that were understood can replace others.</summary>
    /// <exception cref="RefusedException">One was not.</exception>
    internal static Reading Understood(Collected collected) => collected.Reading ?? throw new RefusedException(new(
        "collect/again-misfit",
        $"It tells something that cannot be taken ({collected.Misfit?.Reason}): {collected.Misfit?.Why} Nothing was " +
        "changed; repair the source first.", collected.Misfit?.Source));
}
