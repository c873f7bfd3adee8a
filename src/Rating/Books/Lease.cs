using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Who holds a lease from an instant on: another project, where it was transferred.</summary>
public readonly record struct LeaseHolder(ProjectId Project, Instant From);

/// <summary>What a node and hour costs from an instant on, where both agreed on another price.</summary>
public readonly record struct LeasePrice(decimal PerHour, Instant From);

/// <summary>
/// Nodes that a landlord, or whoever leases them, leaves to a project for a time: paid for all of that time, used or
/// not, by the node-hour. The price is that of the landlord's sheet, or the one that both agreed on.
/// </summary>
/// <param name="Nodes">As the landlord's cluster names them.</param>
/// <param name="Parent">The lease that it is sublet from; null for one of the landlord.</param>
/// <param name="Holders">The first from its beginning; a later one from when it was transferred.</param>
/// <param name="PerHour">Dollars for a node and hour; null for the price of the sheet.</param>
/// <param name="NoticeDays">How many days before it may be reclaimed.</param>
public sealed record Lease(
    string Id, LandlordId Landlord, ClusterId Cluster, ImmutableArray<string> Nodes, string? Parent,
    ImmutableArray<LeaseHolder> Holders, Period Period, decimal? PerHour, int NoticeDays)
{
    /// <summary>The kind of resource that a node is.</summary>
    public const string Kind = "baremetal";

    /// <summary>What its price sheet asks of a node besides its name: '{"gpu":"4","gpu_model":"h100"}'.</summary>
    public string Shape { get; init; } = "{}";

    /// <summary>The landlord itself uses the nodes: they are held, and nobody pays.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Other prices that both agreed on later, in order; empty where the first holds.</summary>
    public ImmutableArray<LeasePrice> Repriced { get; init; } = [];

    [JsonIgnore]
    public ProjectId Holder => Holders[^1].Project;

    /// <summary>What decides money of it, in words.</summary>
    [JsonIgnore]
    public string Terms => $"{Id} {Landlord}/{Cluster} {string.Join(',', Nodes)} {Period} {Parent} " +
        $"{string.Join(',', Holders.Select(one => $"{one.Project}@{Text.Of(one.From)}"))} " +
        $"{(PerHour is { } rate ? Text.Of(rate) : "")} {Shape} {IsOwn}" +
        string.Concat(Repriced.Select(one => $" {Text.Of(one.PerHour)}@{Text.Of(one.From)}"));

    /// <summary>Dollars for a node and hour at an instant; null for the price of the sheet.</summary>
    public decimal? PerHourAt(Instant at) => Repriced.Where(one => one.From <= at).Select(one => (decimal?)one.PerHour)
        .LastOrDefault() ?? PerHour;

    /// <summary>
    /// A stretch, in ticks, cut where the price changes: by which price each part is, counted from 1, and what that is.
    /// </summary>
    internal IEnumerable<(int Number, decimal? PerHour, long Start, long End)> Priced(long start, long end)
    {
        for (var n = 0; n <= Repriced.Length; n++)
        {
            var from = n == 0 ? start : long.Max(start, Repriced[n - 1].From.ToUnixTimeTicks());
            var until = n == Repriced.Length ? end : long.Min(end, Repriced[n].From.ToUnixTimeTicks());
            if (from < until)
            {
                yield return (n + 1, n == 0 ? PerHour : Repriced[n - 1].PerHour, from, until);
            }
        }
    }

    public ProjectId? HolderAt(Instant at) => Period.Contains(at)
        ? Holders.Last(one => one.From <= at).Project
        : null;

    /// <summary>Whether both are of the same level and hold a node at the same time.</summary>
    public bool Collides(Lease other) => Landlord == other.Landlord && Cluster == other.Cluster &&
        Parent == other.Parent && Period.Overlaps(other.Period) && Nodes.Any(other.Nodes.Contains);

    /// <summary>The same, but no longer than until an instant.</summary>
    public Lease Until(Instant end) => this with
    {
        Period = new(Period.Start, Instant.Max(Period.Start, Instant.Min(Period.End, end))),
    };

    public bool Equals(Lease? other) => other is not null && Terms == other.Terms;
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Terms);

    /// <summary>What of a node's lease is which holder's, as usage that no meter has to see.</summary>
    internal IEnumerable<Segment> Segments()
    {
        foreach (var node in Nodes)
        {
            var words = new Dictionary<string, string> { ["node"] = node };
            if (Parent is not null)
            {
                words["parent_lease"] = $"{Parent}/{node}";
            }

            var shape = Metering.Shape.Of(Metering.Shape.Parse(Shape).Values.Where(one => !words.ContainsKey(one.Key))
                .Concat(words));
            foreach (var (holder, n) in Holders.Select((holder, n) => (holder, n)))
            {
                var end = n + 1 < Holders.Length ? Holders[n + 1].From : Period.End;
                if (Period.Clip(new(holder.From, Instant.Max(holder.From, end))) is { IsEmpty: false } part)
                {
                    yield return new(
                        new(Landlord, Cluster, Kind, $"{Id}/{node}"), holder.Project, part,
                        ResourceState.Running, shape);
                }
            }
        }
    }
}
