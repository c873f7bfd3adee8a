using NodaTime;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// What readings come to, computed the slow and obvious way: instant by instant, the latest claim wins.
/// </summary>
internal static class NaiveFold
{
    public static List<Segment> Of(IEnumerable<Reading> readings, Instant until) =>
        [.. readings.GroupBy(r => r.Resource).OrderBy(g => g.Key.ToString()).SelectMany(g => Of(g.Key, [.. g], until))];

    private static IEnumerable<Segment> Of(ResourceId resource, List<Reading> all, Instant until)
    {
        var states = all.Where(r => r.Type == ReadingType.State).Select(r => r.From).Order().ToList();
        var claims = all.Select(r => (Reading: r,
            From: states.Where(s => r.Type == ReadingType.Interval && s > r.From && s < r.To).DefaultIfEmpty(r.From).Max(),
            To: r.Type != ReadingType.State ? r.To : states.Where(s => s > r.From).DefaultIfEmpty(until).Min())).ToList();
        var edges = claims.SelectMany(c => new[] { c.From, c.To }).Where(e => e <= until).Distinct().Order().ToList();
        var left = all.Where(r => r.Type == ReadingType.Interval && states.Exists(s => s > r.From && s < r.To))
            .Select(r => (r.From, To: states.Where(s => s < r.To).Max())).ToList();
        Segment? open = null;
        Instant? filled = null;
        foreach (var (start, end) in edges.Zip(edges.Skip(1)))
        {
            var winner = claims.Where(c => c.From <= start && start < c.To)
                .OrderByDescending(c => c.From).ThenByDescending(c => c.Reading.Type == ReadingType.State)
                .ThenByDescending(c => c.To).ThenByDescending(c => c.Reading.State).ThenBy(c => c.Reading.Project.Value, StringComparer.Ordinal)
                .ThenBy(c => c.Reading.Shape.ToString(), StringComparer.Ordinal).FirstOrDefault().Reading;
            if (winner is null && open is { } before && before.Period.End == start && left.Exists(gap =>
                end <= gap.To && (gap.From == start || (filled == start && gap.From < start))))
            {
                (open, filled) = (before with { Period = new(before.Period.Start, end) }, end);
                continue;
            }

            var next = winner is null or { State: ResourceState.Deleted }
                ? (Segment?)null
                : new(resource, winner.Project, new(start, end), winner.State, winner.Shape);
            if (open is { } o && next is { } n && n with { Period = o.Period } == o && o.Period.End == start)
            {
                open = o with { Period = new(o.Period.Start, end) };
                continue;
            }

            if (open is { } done)
            {
                yield return done;
            }

            open = next;
        }

        if (open is { } final)
        {
            yield return final;
        }
    }
}
