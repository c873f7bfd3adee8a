using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// Who sold each second of a leased node to whom. A landlord leases a node, and who leases it may sublet it: at every
/// level of such a tree a second is sold once, so what is sublet is paid to whoever sublets it.
/// </summary>
internal sealed class LeaseTrees
{
    private const string Kind = Rating.Lease.Kind;
    private const string Node = "node";
    private const string Parent = "parent_lease";

    private readonly Dictionary<(LandlordId, ClusterId, string Node), Dictionary<string, Lease>> _nodes = [];
    private readonly List<(Segment Segment, ProjectId? Lessor)> _sold = [];
    private readonly List<Segment> _twice = [];
    private List<Segment> _agreed = [];
    private bool _isSettled;

    /// <summary>A lease with the segments of its node's use, and what it was sold of them.</summary>
    private sealed class Lease(string id)
    {
        public string Id => id;
        public string? Parent { get; set; }

        /// <summary>Both sides agreed on it: it goes before what a meter saw of the same node.</summary>
        public bool IsAgreed { get; set; }

        /// <summary>The landlord's own use: held, and paid by nobody.</summary>
        public bool IsOwn { get; set; }

        public List<Segment> Segments { get; } = [];

        /// <summary>The stretches that it holds, with the project that holds them, in ticks.</summary>
        public List<(long Start, long End, ProjectId Project)> Held { get; } = [];

        /// <summary>The stretches that it sublet.</summary>
        public List<(long Start, long End)> Sublet { get; } = [];
    }

    public static bool IsLease(in Segment segment) =>
        segment.Resource.Kind == Kind && segment.State == ResourceState.Running &&
        segment.Shape.Word(Node) is { Length: > 0 };

    /// <summary>Whether leases of nodes can be charged as a SKU.</summary>
    public static bool IsFor(Sku sku) => sku.Match.Any(match => match.Meters.IsEmpty &&
        (match.Kinds.IsEmpty || match.Kinds.Contains(Kind, StringComparer.OrdinalIgnoreCase)));

    public void Add(in Segment segment) => Of(segment).Segments.Add(segment);

    /// <summary>What both sides agreed on, whatever a meter sees of it.</summary>
    public void Add(in Segment segment, bool isOwn)
    {
        var lease = Of(segment);
        (lease.IsAgreed, lease.IsOwn) = (true, isOwn);
        lease.Segments.Add(segment);
    }

    private Lease Of(in Segment segment)
    {
        var key = (segment.Resource.Landlord, segment.Resource.Cluster, segment.Shape.Word(Node)!);
        if (!_nodes.TryGetValue(key, out var leases))
        {
            _nodes[key] = leases = new(StringComparer.Ordinal);
        }

        if (!leases.TryGetValue(segment.Resource.Subject, out var lease))
        {
            leases[segment.Resource.Subject] = lease = new(segment.Resource.Subject);
        }

        lease.Parent ??= segment.Shape.Word(Parent);
        return lease;
    }

    /// <summary>Everything that was added.</summary>
    public IEnumerable<Segment> Added =>
        _nodes.Values.SelectMany(leases => leases.Values).SelectMany(lease => lease.Segments);

    /// <summary>What was sold by the landlord, or by the project that sublet it, lease by lease.</summary>
    public IReadOnlyList<(Segment Segment, ProjectId? Lessor)> Sold()
    {
        if (!_isSettled)
        {
            _isSettled = true;
            foreach (var leases in _nodes.Values)
            {
                _agreed = [.. leases.Values.Where(lease => lease.IsAgreed).SelectMany(lease => lease.Segments)];
                Settle(leases);
            }
        }

        return _sold;
    }

    /// <summary>Stretches that were leased to a second one at the same level, which nobody can have used.</summary>
    public IEnumerable<(Segment Segment, long Ticks)> SoldTwice(Period within) =>
        from twice in _twice
        let part = twice.Period.Clip(within)
        where part is not null
        select (twice, part.Value.Length.BclCompatibleTicks);

    private void Settle(Dictionary<string, Lease> leases)
    {
        var root = new List<(long Start, long End)>();
        var inOrder = leases.Values
            .OrderBy(lease => Above(lease, leases).Count)
            .ThenBy(lease => !lease.IsAgreed)
            .ThenBy(lease => lease.Segments.Min(segment => segment.Period.Start))
            .ThenBy(lease => lease.Id, StringComparer.Ordinal);
        foreach (var lease in inOrder)
        {
            var above = Above(lease, leases);
            foreach (var segment in lease.Segments)
            {
                var left = new List<(long Start, long End)>
                {
                    (segment.Period.Start.ToUnixTimeTicks(), segment.Period.End.ToUnixTimeTicks()),
                };
                foreach (var seller in above)
                {
                    foreach (var (start, end, project) in seller.Held)
                    {
                        var (inside, outside) = Stretches.Cut(left, [(start, end)]);
                        Sell(lease, segment, inside, seller.Sublet, project);
                        left = outside;
                    }
                }

                Sell(lease, segment, left, root, null);
            }
        }
    }

    private void Sell(
        Lease to, in Segment segment, List<(long Start, long End)> asked, List<(long Start, long End)> sold,
        ProjectId? lessor)
    {
        var (twice, free) = Stretches.Cut(asked, sold);
        foreach (var stretch in free)
        {
            if (!to.IsOwn)
            {
                _sold.Add((segment with { Period = Stretches.Period(stretch) }, lessor));
            }

            to.Held.Add((stretch.Start, stretch.End, segment.Project));
        }

        foreach (var stretch in twice)
        {
            var part = segment with { Period = Stretches.Period(stretch) };
            if (to.IsAgreed || !_agreed.Exists(one => one.Project == part.Project && one.Period.Overlaps(part.Period)))
            {
                _twice.Add(part); // What a meter saw of an agreed lease is not another one.
            }
        }

        sold.AddRange(free);
    }

    /// <summary>The leases above one, the nearest first; a circle ends where it begins.</summary>
    private static List<Lease> Above(Lease lease, Dictionary<string, Lease> leases)
    {
        var above = new List<Lease>();
        for (var next = lease.Parent; next is not null && leases.GetValueOrDefault(next) is { } one &&
            one != lease && !above.Contains(one); next = one.Parent)
        {
            above.Add(one);
        }

        return above;
    }
}
