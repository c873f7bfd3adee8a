using NodaTime;

namespace Exchange.Rating;

/// <summary>Sets of stretches of time in ticks, half-open.</summary>
internal static class Stretches
{
    /// <summary>Cuts stretches into what lies in some others and what lies in none.</summary>
    public static (List<(long Start, long End)> Inside, List<(long Start, long End)> Outside) Cut(
        IEnumerable<(long Start, long End)> stretches, IEnumerable<(long Start, long End)> others)
    {
        var inside = new List<(long Start, long End)>();
        var outside = new List<(long Start, long End)>();
        var sorted = Outage.Merged(others);
        foreach (var (start, end) in stretches)
        {
            var at = start;
            foreach (var other in sorted.Where(other => other.End > start && other.Start < end))
            {
                if (at < other.Start)
                {
                    outside.Add((at, other.Start));
                }

                inside.Add((long.Max(start, other.Start), long.Min(end, other.End)));
                at = long.Min(end, other.End);
            }

            if (at < end)
            {
                outside.Add((at, end));
            }
        }

        return (inside, outside);
    }

    public static Period Period((long Start, long End) stretch) =>
        new(Instant.FromUnixTimeTicks(stretch.Start), Instant.FromUnixTimeTicks(stretch.End));
}
