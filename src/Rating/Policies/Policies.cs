using System.Collections.Immutable;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>What becomes of a count of service units that is not whole.</summary>
public enum WholeUnits { Exact, Floor, Ceiling }

/// <summary>Where quantities become whole.</summary>
public enum WholeQuantity
{
    /// <summary>Nowhere: the exact quantity is priced.</summary>
    Exact,

    /// <summary>Once, up, at the line of a project and SKU.</summary>
    Line,

    /// <summary>Up, for each resource.</summary>
    Resource,

    /// <summary>Each resource's hours up, then times its units.</summary>
    ResourceHours,
}

/// <summary>
/// The rounding rules and billable states of a service under one name. Each has a date, because it stands in a sheet.
/// </summary>
public sealed record Policies
{
    /// <summary>The name of the rules that hold everywhere but in exports that repeat the incumbent.</summary>
    public const string Corrected = "corrected";

    /// <summary>The name of the rules that repeat today's NERC pipeline to the cent, faults included.</summary>
    public const string NercCompatible = "nerc-compatible";

    public required string Name { get; init; }
    public ImmutableArray<ResourceState> Billable { get; init; } = [ResourceState.Running];

    /// <summary>Counts of bundles without a GPU.</summary>
    public WholeUnits ServiceUnits { get; init; }

    /// <summary>Counts of bundles with a GPU.</summary>
    public WholeUnits GpuServiceUnits { get; init; }

    /// <summary>Bundles with a GPU count GPUs alone, whatever vCPU and RAM come with them.</summary>
    public bool GpusAlone { get; init; }
    public WholeQuantity Quantities { get; init; }

    /// <summary>A resource that asks for no vCPU, no RAM, or for a GPU and none of it, is free.</summary>
    public bool IncompleteIsFree { get; init; }

    /// <summary>The last shape of a resource prices all its time in the month.</summary>
    public bool LastShapeForAll { get; init; }

    /// <summary>An error after an act that left the resource as it was counts as the state before.</summary>
    public bool FailedActsChangeNothing { get; init; } = true;

    /// <summary>Outages that overlap are each subtracted.</summary>
    public bool OutagesAddUp { get; init; }

    /// <summary>Outages of the last day of the month are billed.</summary>
    public bool LastDayOutagesBilled { get; init; }

    /// <summary>The state that decides whether usage is billed.</summary>
    public ResourceState StateOf(in Segment segment) =>
        FailedActsChangeNothing && segment.State == ResourceState.Error &&
        segment.Shape.Word("state_before") is { } before && Enum.TryParse<ResourceState>(before, true, out var state)
            ? state
            : segment.State;

    public bool Bills(in Segment segment) => Billable.Contains(StateOf(segment));
}
