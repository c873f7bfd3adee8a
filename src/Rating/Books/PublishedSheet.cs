using NodaTime;

namespace Exchange.Rating;

/// <summary>A version of a price sheet as it was published: its text, who published it and when.</summary>
/// <param name="Version">From 1, counted for each first instant of a service's sheets.</param>
public sealed record PublishedSheet(
    PriceSheet Sheet, int Version, string Yaml, string Sha256, string By, Instant At)
{
    /// <summary>'nerc/openstack/2025-06-01#1': what charges name.</summary>
    public string Id { get; } = $"{Sheet.BookName}/{SheetDates.Format(Sheet.From)}#{Version}";

    /// <summary>When it was taken back, before it began; null while it counts.</summary>
    public Instant? WithdrawnAt { get; init; }
}

/// <summary>A version of a sheet and the time in which it prices usage.</summary>
public sealed record SheetInForce(PublishedSheet Published, Period Period)
{
    public PriceSheet Sheet => Published.Sheet;

    /// <summary>Whether its end is known: it was written down, or the next sheet begins there.</summary>
    public bool Ends => Period.End < SheetDates.Never;
}
