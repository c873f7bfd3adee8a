using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// A half-open interval of one resource in which project, shape and state did not change; folded from readings.
/// Neighbouring segments of a resource differ in one of the three or have a gap between them.
/// </summary>
public readonly record struct Segment(
    ResourceId Resource, ProjectId Project, Period Period, ResourceState State, Shape Shape);

/// <summary>What was counted of a meter by a resource for a project on one day in UTC, exact.</summary>
public sealed record DailyTotal(ResourceId Resource, ProjectId Project, string Meter, LocalDate Day, decimal Quantity);

/// <summary>How many readings of a call were new, seen before, and set aside.</summary>
public sealed record IngestOutcome(long Accepted, long Duplicate, long Quarantined)
{
    public static IngestOutcome operator +(IngestOutcome left, IngestOutcome right) => new(
        left.Accepted + right.Accepted, left.Duplicate + right.Duplicate, left.Quarantined + right.Quarantined);

    public static IngestOutcome Of(IReadOnlyCollection<ItemOutcome> items) => new(
        items.Count(i => i.Fate == ItemFate.Accepted), items.Count(i => i.Fate == ItemFate.Duplicate),
        items.Count(i => i.Fate == ItemFate.Quarantined));
}

/// <summary>What becomes of one reading of a call.</summary>
public enum ItemFate
{
    Accepted,
    Duplicate,
    Quarantined,
}

/// <summary>What became of one reading of a call and, where it was set aside, why.</summary>
public sealed record ItemOutcome(string Source, string Id, ItemFate Fate, string? Reason = null, string? Why = null);

/// <summary>Which usage is asked for. Null means any; open states are cut at the end of the period.</summary>
public sealed record UsageQuery(
    Period Period, LandlordId? Landlord = null, ClusterId? Cluster = null, ProjectId? Project = null,
    ResourceId? Resource = null);

/// <summary>When all usage of a meter begins and ends.</summary>
/// <param name="Block">The newest block, and the newest bill: the same two mean the same usage.</param>
/// <param name="To">Null while something runs on.</param>
public sealed record UsageExtent(long Block, long Bill, Instant From, Instant? To);

/// <summary>
/// A reading that a segment rests on, and the number of the block that holds it; 0 for a row of a bill.
/// </summary>
/// <param name="Corrected">How it was corrected; null where it was not.</param>
public sealed record ReadingBehind(
    string Source, string Id, long Block, string Text, CorrectionBehind? Corrected = null);

/// <summary>The correction of a reading that holds.</summary>
/// <param name="Id">The id of the correction, of the same source.</param>
/// <param name="Block">The block that holds the correction.</param>
/// <param name="Now">What the reading says now; null where it was taken back.</param>
public sealed record CorrectionBehind(string Id, long Block, string Reason, string? Now);
