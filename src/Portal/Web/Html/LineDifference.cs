namespace Exchange.Portal.Web;

/// <summary>
/// Two texts beside each other, old and new, line by line: what is the same is met again as early as can be, and what
/// is far from any change is left out.
/// </summary>
public static class LineDifference
{
    private const int Around = 3;
    private const long MaxCompared = 4_000_000;

    /// <summary>A line of one text, of the other, or of both; numbers are from 1.</summary>
    public sealed record DifferenceRow(int? OldNumber, string? Old, int? NewNumber, string? New)
    {
        public bool IsSame => OldNumber is not null && NewNumber is not null && Old == New;
    }

    /// <summary>What is close to a change; null where lines are left out, and nothing where all is the same.</summary>
    public static IReadOnlyList<DifferenceRow?> Shown(string old, string young)
    {
        var rows = Between(Lines(old), Lines(young));
        return rows.All(row => row.IsSame) ? [] : Near(rows);
    }

    /// <summary>The lines of both in order; lines that were changed stand beside each other.</summary>
    public static IReadOnlyList<DifferenceRow> Between(IReadOnlyList<string> old, IReadOnlyList<string> young)
    {
        var (start, oldEnd, newEnd) = (0, old.Count, young.Count);
        while (start < oldEnd && start < newEnd && old[start] == young[start])
        {
            start++;
        }

        while (oldEnd > start && newEnd > start && old[oldEnd - 1] == young[newEnd - 1])
        {
            (oldEnd, newEnd) = (oldEnd - 1, newEnd - 1);
        }

        var rows = new List<DifferenceRow>();
        for (var i = 0; i < start; i++)
        {
            rows.Add(new(i + 1, old[i], i + 1, young[i]));
        }

        Middle(old, young, start, oldEnd, newEnd, rows);
        for (var i = 0; i < old.Count - oldEnd; i++)
        {
            rows.Add(new(oldEnd + i + 1, old[oldEnd + i], newEnd + i + 1, young[newEnd + i]));
        }

        return rows;
    }

    private static void Middle(
        IReadOnlyList<string> old, IReadOnlyList<string> young, int start, int oldEnd, int newEnd,
        List<DifferenceRow> rows)
    {
        var (height, width) = (oldEnd - start, newEnd - start);
        var same = (long)height * width <= MaxCompared ? CommonLines(old, young, start, height, width) : null;
        var (i, j, gone, come) = (0, 0, start, start);
        while (same is not null && i < height && j < width)
        {
            if (old[start + i] == young[start + j])
            {
                Changed(old, gone..(start + i), young, come..(start + j), rows);
                rows.Add(new(start + i + 1, old[start + i], start + j + 1, young[start + j]));
                (i, j) = (i + 1, j + 1);
                (gone, come) = (start + i, start + j);
            }
            else if (same[At(i + 1, j)] >= same[At(i, j + 1)])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        Changed(old, gone..oldEnd, young, come..newEnd, rows);

        int At(int row, int column) => (row * (width + 1)) + column;
    }

    /// <summary>How many lines the rests of the two have in common at most, row by row.</summary>
    private static int[] CommonLines(
        IReadOnlyList<string> old, IReadOnlyList<string> young, int start, int height, int width)
    {
        var next = width + 1;
        var common = new int[(height + 1) * next];
        for (var i = height - 1; i >= 0; i--)
        {
            for (var j = width - 1; j >= 0; j--)
            {
                var here = (i * next) + j;
                common[here] = old[start + i] == young[start + j]
                    ? common[here + next + 1] + 1
                    : int.Max(common[here + next], common[here + 1]);
            }
        }

        return common;
    }

    private static void Changed(
        IReadOnlyList<string> old, Range gone, IReadOnlyList<string> young, Range come, List<DifferenceRow> rows)
    {
        for (var (i, j) = (gone.Start.Value, come.Start.Value); i < gone.End.Value || j < come.End.Value; i++, j++)
        {
            var (isOld, isNew) = (i < gone.End.Value, j < come.End.Value);
            rows.Add(new(
                isOld ? i + 1 : null, isOld ? old[i] : null, isNew ? j + 1 : null, isNew ? young[j] : null));
        }
    }

    /// <summary>What is close to a change; null where lines are left out.</summary>
    private static List<DifferenceRow?> Near(IReadOnlyList<DifferenceRow> rows)
    {
        var isNear = new bool[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var near = i - Around; !rows[i].IsSame && near <= i + Around; near++)
            {
                isNear[int.Clamp(near, 0, rows.Count - 1)] = true;
            }
        }

        var shown = new List<DifferenceRow?>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (isNear[i])
            {
                shown.Add(rows[i]);
            }
            else if (shown.Count == 0 || shown[^1] is not null)
            {
                shown.Add(null);
            }
        }

        return shown;
    }

    private static string[] Lines(string text) => text.Length == 0 ? []
        : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
