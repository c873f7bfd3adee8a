using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Leases;

/// <summary>What a landlord says of the nodes that it lends. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Declared), "nodes-declared/1")]
[JsonDerivedType(typeof(Released), "nodes-released/1")]
public abstract record CapacityEvent
{
    private CapacityEvent() { }

    public sealed record Declared(ClusterId Cluster, ImmutableArray<string> Nodes, Period Period, string By, Instant At)
        : CapacityEvent;

    /// <summary>They are lent to nobody new from an instant on; what is agreed stays.</summary>
    public sealed record Released(ClusterId Cluster, ImmutableArray<string> Nodes, Instant From, string By, Instant At)
        : CapacityEvent;
}

/// <summary>A node that may be lent for a time.</summary>
public readonly record struct LentNode(ClusterId Cluster, string Node, Period Period);

/// <summary>The nodes that a landlord lends, and when. Its stream is 'capacity-harvard'.</summary>
public sealed record DeclaredNodes(ImmutableArray<LentNode> All)
{
    public static readonly Fold<DeclaredNodes, CapacityEvent> Fold = new("capacity", new([]), Evolve);

    public static Decision<CapacityEvent> Declare(
        ClusterId cluster, ImmutableArray<string> nodes, Period period, string by, Instant now) =>
        nodes.IsEmpty || nodes.Length > 10_000 || nodes.Any(node => !Name.IsOne(node)) || period.IsEmpty
            ? new Refusal("lease/wrong", "Name 1 to 10,000 nodes, and an end after the beginning.", $"{cluster}")
            : Leasing.Beyond(period, now, $"{cluster}") is { } beyond ? beyond
            : [new CapacityEvent.Declared(cluster, nodes, period, by, now)];

    public static Decision<CapacityEvent> Release(
        ClusterId cluster, ImmutableArray<string> nodes, Instant from, string by, Instant now) =>
        nodes.IsEmpty
            ? new Refusal("lease/wrong", "Name the nodes that are lent no more.", $"{cluster}")
            : [new CapacityEvent.Released(cluster, nodes, from, by, now)];

    /// <summary>What stands in the way of lending nodes for a time; null when nothing does.</summary>
    public Refusal? Lacks(Lease lease) =>
        lease.Nodes.FirstOrDefault(node => !All.Any(one => one.Cluster == lease.Cluster && one.Node == node &&
            one.Period.Start <= lease.Period.Start && one.Period.End >= lease.Period.End)) is { } missing
            ? new(
                "lease/no-capacity", $"{lease.Landlord} does not lend '{missing}' in {lease.Cluster} for all of that " +
                "time. Declare it first: 'exchange leases declare'.", lease.Id)
            : null;

    private static DeclaredNodes Evolve(DeclaredNodes declared, CapacityEvent happened) => happened switch
    {
        CapacityEvent.Declared e => new(declared.All.AddRange(
            e.Nodes.Select(node => new LentNode(e.Cluster, node, e.Period)))),
        CapacityEvent.Released e => new([.. declared.All.Select(one =>
            one.Cluster == e.Cluster && e.Nodes.Contains(one.Node) && one.Period.End > e.From ? one with
            {
                Period = new(one.Period.Start, Instant.Max(one.Period.Start, e.From)),
            } : one).Where(one => !one.Period.IsEmpty)]),
        _ => throw new CorruptStreamException(declared, happened),
    };
}
