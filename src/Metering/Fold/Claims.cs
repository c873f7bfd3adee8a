namespace Exchange.Metering;

/// <summary>What a claim says: who used the resource, what it did, and its shape.</summary>
internal sealed record Content(ReadingType Type, ResourceState State, string Project, string Shape)
{
    /// <summary>Which of two claims that begin at once wins: states first, then by what they say.</summary>
    public int CompareTo(Content other)
    {
        var order = (other.Type == ReadingType.State).CompareTo(Type == ReadingType.State);
        order = order != 0 ? order : other.State.CompareTo(State);
        order = order != 0 ? order : string.CompareOrdinal(Project, other.Project);
        return order != 0 ? order : string.CompareOrdinal(Shape, other.Shape);
    }

    /// <summary>Whether a segment of the one goes on in the other.</summary>
    public bool IsSameUsage(Content other) =>
        State == other.State && Project == other.Project && Shape == other.Shape;
}

/// <summary>
/// Claims of one content, each beginning a step after the one before. Intervals and samples last a step; a state lasts
/// until the next state, whatever the step.
/// </summary>
internal readonly record struct Run(long From, long Step, int Count, int Content)
{
    public long Last => From + (Step * (Count - 1));
    public long End => From + (Step * Count);
}

/// <summary>The run-length claims of one resource, sorted by their start.</summary>
internal static class Runs
{
    /// <summary>Adds a claim; one that is there already changes nothing.</summary>
    public static void Add(List<Run> runs, long from, long length, int content, bool isState)
    {
        if (runs.Count == 0)
        {
            runs.Add(new(from, length, 1, content));
            return;
        }

        var last = runs[^1];
        if (last.Content == content && Extends(last, from, length, isState) is { } longer)
        {
            runs[^1] = longer;
            return;
        }

        if (!Has(runs, from, length, content, isState) && (isState || !Grow(runs, from, length, content)))
        {
            Insert(runs, new(from, length, 1, content));
        }
    }

    private static Run? Extends(Run run, long from, long length, bool isState) => isState
        ? run.Count == 1 && from > run.From ? run with { Step = from - run.From, Count = 2 }
            : run.Count > 1 && from == run.End ? run with { Count = run.Count + 1 } : null
        : run.Step == length && from == run.End ? run with { Count = run.Count + 1 } : null;

    private static bool Has(List<Run> runs, long from, long length, int content, bool isState)
    {
        foreach (var run in runs)
        {
            if (run.Content == content && from >= run.From && from <= run.Last &&
                (isState ? run.Count == 1 || (from - run.From) % run.Step == 0
                    : run.Step == length && (from - run.From) % length == 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes a run of the same content and step longer at either end, and joins two that meet.</summary>
    private static bool Grow(List<Run> runs, long from, long length, int content)
    {
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            if (run.Content != content || run.Step != length)
            {
                continue;
            }

            if (run.End == from)
            {
                var next = runs.FindIndex(
                    i + 1, r => r.Content == content && r.Step == length && r.From == from + length);
                runs[i] = run with { Count = run.Count + 1 + (next < 0 ? 0 : runs[next].Count) };
                if (next >= 0)
                {
                    runs.RemoveAt(next);
                }

                return true;
            }

            if (run.From == from + length)
            {
                var before = runs.FindIndex(r => r.Content == content && r.Step == length && r.End == from);
                if (before >= 0)
                {
                    continue; // The one before takes it when it comes up, and this one with it.
                }

                runs.RemoveAt(i);
                Insert(runs, run with { From = from, Count = run.Count + 1 });
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes out every claim that begins at an instant.</summary>
    public static void Clear(List<Run> runs, long from, Func<Run, bool> isState)
    {
        for (var i = runs.Count - 1; i >= 0; i--)
        {
            var run = runs[i];
            if (from < run.From || from > run.Last || (run.Count > 1 && (from - run.From) % run.Step != 0))
            {
                continue;
            }

            runs.RemoveAt(i);
            var before = run.Count == 1 ? 0 : (int)((from - run.From) / run.Step);
            var after = run.Count - 1 - before;
            foreach (var part in (Run[])
                [
                    run with { Count = before }, run with { From = from + run.Step, Count = after },
                ])
            {
                if (part.Count > 0)
                {
                    // A single state has no step: the next one of any distance makes it a run.
                    Insert(runs, part.Count == 1 && isState(part) ? part with { Step = 0 } : part);
                }
            }
        }
    }

    private static void Insert(List<Run> runs, Run run)
    {
        var at = runs.Count;
        while (at > 0 && runs[at - 1].From > run.From)
        {
            at--;
        }

        runs.Insert(at, run);
    }
}
