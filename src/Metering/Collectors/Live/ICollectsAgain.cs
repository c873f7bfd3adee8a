namespace Exchange.Metering.Collectors.Live;

/// <summary>A collector whose source can be asked again for a time that was collected before.</summary>
public interface ICollectsAgain : ICollector
{
    /// <summary>The times that can be asked for: both ends are moved outwards to where a reading may begin.</summary>
    Period Whole(Period window);

    /// <summary>All that the source says now of a window; nothing is taken.</summary>
    /// <exception cref="RefusedException">It does not say all of it.</exception>
    Task<ToldAgain> Tell(Period window, CollectorContext context, CancellationToken ct);
}

/// <summary>What a source says of a window when it is asked again.</summary>
/// <param name="Sources">The names of sources that are told whole, also where nothing of them is told.</param>
public sealed record ToldAgain(IReadOnlyList<Reading> Readings, IReadOnlyList<string> Sources);
