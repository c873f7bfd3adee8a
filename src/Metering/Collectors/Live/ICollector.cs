using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Fetches what a source says about usage and takes it, from where it stopped the last time.</summary>
public interface ICollector
{
    CollectorIdentity Identity { get; }

    /// <summary>
    /// Takes what the source has now. A source that pushes is listened to for as long as 'stay' holds.
    /// </summary>
    Task Collect(Collecting collecting, bool stay, CancellationToken ct);
}

/// <summary>Which collector it is: its name for ever, whose usage it collects, and how often it looks.</summary>
/// <param name="Name">The position is kept under it.</param>
/// <param name="Kind">'prometheus', 'dcgm', 'rabbitmq' or 'files'.</param>
/// <param name="Cluster">Null where the source names its clusters itself.</param>
/// <param name="Every">The time between the end of one look and the next.</param>
public sealed record CollectorIdentity(
    string Name, string Kind, LandlordId Landlord, ClusterId? Cluster, Duration Every);

/// <summary>How far a collector is, for an operator: position, lag, counts, gaps and the last failure.</summary>
public sealed record CollectorState
{
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public required LandlordId Landlord { get; init; }
    public ClusterId? Cluster { get; init; }

    /// <summary>Where it goes on, in its own words; null before anything was read.</summary>
    public string? Position { get; init; }

    /// <summary>Everything that the source said before this instant was taken.</summary>
    public Instant? ReadUntil { get; init; }

    /// <summary>How much the source still holds, when that can be told.</summary>
    public long? Waiting { get; init; }
    public long Accepted { get; init; }
    public long Duplicate { get; init; }
    public long Quarantined { get; init; }

    /// <summary>Records that say nothing about usage.</summary>
    public long Ignored { get; init; }
    public Instant? TriedAt { get; init; }
    public Instant? SucceededAt { get; init; }

    /// <summary>Failures in a row; 0 after a success.</summary>
    public int Failures { get; init; }

    /// <summary>What the last failure said.</summary>
    public string? Why { get; init; }

    /// <summary>Times of which the source said nothing although it should have.</summary>
    public IReadOnlyList<CollectorGap> Gaps { get; init; } = [];

    /// <summary>How far behind the source it is; null while that cannot be told.</summary>
    public Duration? LagAt(Instant now) => ReadUntil is { } until && until < now ? now - until
        : ReadUntil is null ? null : Duration.Zero;
}

/// <summary>A stretch of time that a collector found nothing of, and since when that is known.</summary>
public readonly record struct CollectorGap(Period Period, Instant NoticedAt);
