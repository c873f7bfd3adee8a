namespace Exchange.Metering;

/// <summary>From when until when a content is claimed.</summary>
internal readonly record struct Claim(long From, long To, Content Content);

/// <summary>Walks along the edges of claims and lets the strongest at each instant hold.</summary>
internal static class ClaimSweep
{
    /// <param name="left">What intervals left; it goes on as what ended where they began.</param>
    public static void Run(List<Claim> claims, List<(long From, long To)> left, List<ClaimFold.Stretch> into)
    {
        var filled = long.MinValue;
        claims.Sort(static (left, right) => left.From.CompareTo(right.From));
        var edges = new List<long>(claims.Count * 2);
        foreach (var claim in claims)
        {
            edges.Add(claim.From);
            edges.Add(claim.To);
        }

        edges.Sort();
        var alive = new PriorityQueue<Claim, Claim>(StrongestFirst);
        var next = 0;
        for (var i = 0; i + 1 < edges.Count; i++)
        {
            if (edges[i] == edges[i + 1])
            {
                continue;
            }

            for (; next < claims.Count && claims[next].From == edges[i]; next++)
            {
                alive.Enqueue(claims[next], claims[next]);
            }

            while (alive.TryPeek(out var gone, out _) && gone.To <= edges[i])
            {
                alive.Dequeue();
            }

            if (alive.TryPeek(out var winner, out _))
            {
                Add(into, new(edges[i], edges[i + 1], winner.Content));
            }
            else if (into.Count > 0 && into[^1] is var last && last.To == edges[i] &&
                left.Exists(gap => edges[i + 1] <= gap.To &&
                    (gap.From == edges[i] || (filled == edges[i] && gap.From < edges[i]))))
            {
                into[^1] = last with { To = filled = edges[i + 1] };
            }
        }
    }

    internal static void Add(List<ClaimFold.Stretch> into, ClaimFold.Stretch added)
    {
        if (added.Content.State == ResourceState.Deleted)
        {
            return;
        }

        if (into.Count > 0 && into[^1] is var last && last.To == added.From && last.Content.IsSameUsage(added.Content))
        {
            into[^1] = last with { To = added.To };
            return;
        }

        into.Add(added);
    }

    /// <summary>
    /// The latest start wins; at equal starts a state, then what lasts longest: a lease that is told again with a later
    /// end is extended, whatever else it says now. Only what lasts as long is decided by what it says.
    /// </summary>
    private static readonly Comparer<Claim> StrongestFirst = Comparer<Claim>.Create((left, right) =>
    {
        var order = right.From.CompareTo(left.From);
        order = order != 0 ? order : IsState(right).CompareTo(IsState(left));
        order = order != 0 ? order : right.To.CompareTo(left.To);
        return order != 0 ? order : left.Content.CompareTo(right.Content);
    });

    private static bool IsState(Claim claim) => claim.Content.Type == ReadingType.State;
}
