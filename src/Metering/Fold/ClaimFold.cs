namespace Exchange.Metering;

/// <summary>
/// What the claims on one resource come to: a pure function of their set, so their order of arrival is nothing. At each
/// instant the claim with the latest start wins; a state inside an interval moves the interval's start to itself. What
/// an interval leaves in this way, and nothing else speaks of, belongs to what held until the interval began.
/// </summary>
internal static class ClaimFold
{
    /// <summary>A stretch in which one content holds; an open end is the largest number.</summary>
    internal readonly record struct Stretch(long From, long To, Content Content);

    /// <summary>The stretches of one resource, oldest first.</summary>
    public static void Of(List<Run> runs, IReadOnlyList<Content> contents, List<Stretch> into)
    {
        if (NothingMeets(runs, contents))
        {
            foreach (var run in runs)
            {
                ClaimSweep.Add(into, new(run.From, run.End, contents[run.Content]));
            }

            return;
        }

        var left = new List<(long From, long To)>();
        var claims = Split(runs, contents, left);
        left.Sort();
        ClaimSweep.Run(claims, left, into);
    }

    private static bool NothingMeets(List<Run> runs, IReadOnlyList<Content> contents)
    {
        var end = long.MinValue;
        foreach (var run in runs)
        {
            if (run.From < end || contents[run.Content].Type == ReadingType.State)
            {
                return false;
            }

            end = run.End;
        }

        return true;
    }

    /// <summary>
    /// The claims of the runs. Neighbours in a run, in none of which another claim starts, win whatever began before
    /// them and lose nothing to what begins after them: they are one claim.
    /// </summary>
    /// <param name="left">What intervals leave, because a state is told inside them.</param>
    private static List<Claim> Split(List<Run> runs, IReadOnlyList<Content> contents, List<(long From, long To)> left)
    {
        var states = new List<long>();
        var starts = new List<long>();
        foreach (var run in runs)
        {
            var isState = contents[run.Content].Type == ReadingType.State;
            for (var i = 0; isState && i < run.Count; i++)
            {
                states.Add(run.From + (i * run.Step));
            }

            if (!isState && run.Count == 1)
            {
                starts.Add(run.From);
            }
        }

        starts.AddRange(states);
        starts.Sort();
        states.Sort();
        var claims = new List<Claim>();
        foreach (var run in runs)
        {
            var content = contents[run.Content];
            if (content.Type == ReadingType.State)
            {
                for (var i = 0; i < run.Count; i++)
                {
                    var at = run.From + (i * run.Step);
                    claims.Add(new(at, After(states, at), content));
                }
            }
            else if (run.Count == 1)
            {
                claims.Add(Moved(states, run.From, run.End, content, left));
            }
            else
            {
                SplitRun(run, (runs, contents), starts, states, claims, left);
            }
        }

        return claims;
    }

    private static void SplitRun(
        Run run, (List<Run> Runs, IReadOnlyList<Content> Contents) all, List<long> starts, List<long> states,
        List<Claim> claims, List<(long From, long To)> left)
    {
        var (runs, contents) = all;
        var content = contents[run.Content];
        var whole = run.From;
        for (var i = 0; i < run.Count; i++)
        {
            var from = run.From + (i * run.Step);
            if (!IsMet(run, from, runs, contents, starts))
            {
                continue;
            }

            if (whole < from)
            {
                claims.Add(new(whole, from, content));
            }

            claims.Add(Moved(states, from, from + run.Step, content, left));
            whole = from + run.Step;
        }

        if (whole < run.End)
        {
            claims.Add(new(whole, run.End, content));
        }
    }

    /// <summary>Whether a claim that is not of this run starts within this part of it.</summary>
    private static bool IsMet(
        Run run, long from, List<Run> runs, IReadOnlyList<Content> contents, List<long> starts)
    {
        var place = starts.BinarySearch(from);
        place = place < 0 ? ~place : place;
        if (place < starts.Count && starts[place] < from + run.Step)
        {
            return true;
        }

        foreach (var other in runs)
        {
            // One past the start of the first part that starts at or after 'from', if it has one.
            if (other != run && other.Count > 1 && contents[other.Content].Type != ReadingType.State)
            {
                var parts = from <= other.From ? 0 : ((from - other.From) + other.Step - 1) / other.Step;
                if (parts < other.Count && other.From + (parts * other.Step) < from + run.Step)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static long After(List<long> states, long from)
    {
        var place = states.BinarySearch(from);
        place = place < 0 ? ~place : place;
        while (place < states.Count && states[place] == from)
        {
            place++;
        }

        return place < states.Count ? states[place] : long.MaxValue;
    }

    // An hourly audit reports the state at its end: what was said inside it ends what held before.
    private static Claim Moved(
        List<long> states, long from, long to, Content content, List<(long From, long To)> left)
    {
        if (content.Type != ReadingType.Interval)
        {
            return new(from, to, content);
        }

        var place = states.BinarySearch(to);
        place = place < 0 ? ~place : place;
        while (place > 0 && states[place - 1] >= to)
        {
            place--;
        }

        if (place == 0 || states[place - 1] <= from)
        {
            return new(from, to, content);
        }

        left.Add((from, states[place - 1]));
        return new(states[place - 1], to, content);
    }
}
