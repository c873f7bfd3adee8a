using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Which times are missing, from the moments at which a source was heard.</summary>
internal static class Gaps
{
    /// <summary>The stretches of a window, cut into steps, of which no step was seen.</summary>
    public static IEnumerable<Period> Missing(Period window, Duration step, IReadOnlySet<Instant> seen)
    {
        Instant? since = null;
        for (var at = window.Start; at < window.End; at += step)
        {
            if (!seen.Contains(at))
            {
                since ??= at;
            }
            else if (since is { } start)
            {
                yield return new(start, at);
                since = null;
            }
        }

        if (since is { } open)
        {
            yield return new(open, window.End);
        }
    }

    /// <summary>What is missing after a window was read: in it what was missing now, elsewhere as before.</summary>
    public static List<CollectorGap> After(
        IEnumerable<CollectorGap> known, Period window, IEnumerable<Period> missing, Instant now)
    {
        List<CollectorGap> after = [];
        var before = known.ToList();
        foreach (var gap in before)
        {
            after.AddRange(Outside(gap.Period, window).Select(rest => gap with { Period = rest }));
        }

        after.AddRange(missing.Select(period => new CollectorGap(period, before
            .Where(gap => gap.Period.Overlaps(period)).Select(gap => gap.NoticedAt).DefaultIfEmpty(now).Min())));
        return Joined(after.OrderBy(gap => gap.Period.Start));
    }

    private static IEnumerable<Period> Outside(Period gap, Period window)
    {
        if (!gap.Overlaps(window))
        {
            yield return gap;
            yield break;
        }

        if (gap.Start < window.Start)
        {
            yield return new(gap.Start, window.Start);
        }

        if (gap.End > window.End)
        {
            yield return new(window.End, gap.End);
        }
    }

    private static List<CollectorGap> Joined(IEnumerable<CollectorGap> gaps)
    {
        List<CollectorGap> joined = [];
        foreach (var gap in gaps)
        {
            if (joined is [.., var last] && last.Period.End == gap.Period.Start)
            {
                joined[^1] = new(
                    new(last.Period.Start, gap.Period.End), Instant.Min(last.NoticedAt, gap.NoticedAt));
            }
            else
            {
                joined.Add(gap);
            }
        }

        return joined;
    }
}
