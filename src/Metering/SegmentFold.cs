using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// What the readings of one resource come to: a pure function of their set, so their order of arrival is nothing.
/// At each instant the claim with the latest start wins; at equal starts a state, then by content.
/// </summary>
public static class SegmentFold
{
    /// <summary>The segments of one resource, oldest first; an open end is Instant.MaxValue.</summary>
    public static IReadOnlyList<Segment> Of(IReadOnlyCollection<Reading> readings)
    {
        var claims = Claims(readings);
        var edges = claims.SelectMany(c => new[] { c.From, c.To }).Distinct().Order().ToList();
        var segments = new List<Segment>();
        var alive = new PriorityQueue<Claim, Claim>(StrongestFirst);
        var next = 0;
        for (var i = 0; i + 1 < edges.Count; i++)
        {
            for (; next < claims.Count && claims[next].From == edges[i]; next++)
            {
                alive.Enqueue(claims[next], claims[next]);
            }

            while (alive.TryPeek(out var gone, out _) && gone.To <= edges[i])
            {
                alive.Dequeue();
            }

            if (alive.TryPeek(out var winner, out _) && winner.Reading.State != ResourceState.Deleted)
            {
                Add(segments, winner.Reading, new(edges[i], edges[i + 1]));
            }
        }

        return segments;
    }

    /// <summary>What was counted, by project, meter and the UTC day on which each reading begins.</summary>
    public static IEnumerable<DailyTotal> Totals(IEnumerable<Reading> readings) => readings
        .Where(r => r.Type == ReadingType.Count)
        .GroupBy(r => (r.Resource, r.Project, Meter: r.Meter!, Day: r.From.InUtc().Date))
        .Select(g => new DailyTotal(
            g.Key.Resource, g.Key.Project, g.Key.Meter, g.Key.Day, g.Sum(r => r.Quantity)));

    private static List<Claim> Claims(IReadOnlyCollection<Reading> readings)
    {
        var states = readings.Where(r => r.Type == ReadingType.State).Select(r => r.From).Distinct().Order().ToList();
        return
        [
            .. readings.Where(r => r.Type != ReadingType.Count).Select(r => r.Type switch
            {
                ReadingType.State => new Claim(r, r.From, After(states, r.From)),
                ReadingType.Interval => new Claim(r, LastInside(states, r), r.To),
                _ => new Claim(r, r.From, r.To),
            }).OrderBy(c => c.From),
        ];
    }

    private static Instant After(List<Instant> states, Instant from)
    {
        var place = states.BinarySearch(from) + 1;
        return place < states.Count ? states[place] : Instant.MaxValue;
    }

    // An hourly audit reports the state at its end: what was said inside it ends what held before.
    private static Instant LastInside(List<Instant> states, Reading interval)
    {
        var place = states.BinarySearch(interval.To);
        var before = (place < 0 ? ~place : place) - 1;
        return before >= 0 && states[before] > interval.From ? states[before] : interval.From;
    }

    private static void Add(List<Segment> segments, Reading winner, Period period)
    {
        var added = new Segment(winner.Resource, winner.Project, period, winner.State, winner.Shape);
        if (segments.Count > 0 && segments[^1] is var last && last.Period.End == period.Start &&
            last with { Period = period } == added)
        {
            segments[^1] = last with { Period = new(last.Period.Start, period.End) };
            return;
        }

        segments.Add(added);
    }

    private static readonly Comparer<Claim> StrongestFirst = Comparer<Claim>.Create((left, right) =>
    {
        var order = right.From.CompareTo(left.From);
        order = order != 0 ? order : IsState(right).CompareTo(IsState(left));
        order = order != 0 ? order : right.Reading.State.CompareTo(left.Reading.State);
        order = order != 0
            ? order
            : string.CompareOrdinal(left.Reading.Project.Value, right.Reading.Project.Value);
        return order != 0
            ? order
            : string.CompareOrdinal(left.Reading.Shape.ToString(), right.Reading.Shape.ToString());
    });

    private static bool IsState(Claim claim) => claim.Reading.Type == ReadingType.State;

    /// <summary>A reading, and the time for which it speaks.</summary>
    private sealed record Claim(Reading Reading, Instant From, Instant To);
}
