using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// How much of a month a cluster worked, as its service level counts: each second that it did not work once, whatever
/// overlaps, and none that the level leaves out. The whole month is what it is measured against.
/// </summary>
/// <param name="Spans">What counts as out of service, merged, in order.</param>
/// <param name="Excluded">What was left out of it.</param>
public sealed record ServiceAvailability(
    BillingMonth Month, IReadOnlyList<Period> Spans, Duration Out, Duration Excluded)
{
    /// <summary>In percent, three places, never rounded up to what it was not: 98.790.</summary>
    public decimal Percent => decimal.Floor(100_000m * Worked / Whole) / 1_000;

    private long Whole => Month.Period.Length.BclCompatibleTicks;
    private long Worked => Whole - Out.BclCompatibleTicks;

    /// <summary>Compared exactly, not as it is shown.</summary>
    public bool IsBelow(decimal percent) => 100m * Worked < percent * Whole;

    /// <param name="outages">Those of the cluster that are known to whoever asks.</param>
    /// <param name="until">What lasts is counted until then.</param>
    public static ServiceAvailability Of(
        ServiceLevel level, IEnumerable<Outage> outages, BillingMonth month, Instant until)
    {
        var all = outages.Where(one => Within(one, month, until) is not null).ToList();
        var spans = Merged(all, month, until);
        var never = Merged(all.Where(one => level.Excludes.Contains(one.Kind)), month, until);
        var announced = level.Maintenance is { } terms
            ? First(terms.Hours, Merged(all.Where(one => IsAnnounced(one, terms)), month, until))
            : [];
        var excluded = Outage.Merged([.. never, .. announced]);
        var counted = spans.SelectMany(span => Without(span, excluded)).ToList();
        var whole = spans.Sum(Length);
        var ticks = counted.Sum(Length);
        return new(
            month, [.. counted.Select(span => new Period(At(span.Start), At(span.End)))], Duration.FromTicks(ticks),
            Duration.FromTicks(whole - ticks));
    }

    private static bool IsAnnounced(Outage one, MaintenanceTerms terms) => one.Kind == OutageKind.Maintenance &&
        one.Announced is { } at && at + Duration.FromDays(terms.NoticeDays) <= one.From;

    private static IReadOnlyList<(long Start, long End)> Merged(
        IEnumerable<Outage> outages, BillingMonth month, Instant until) =>
        Outage.Merged(outages.Select(one => Within(one, month, until)).OfType<(long, long)>());

    private static (long Start, long End)? Within(Outage one, BillingMonth month, Instant until)
    {
        var start = Instant.Max(month.Start, one.From);
        var end = Instant.Min(Instant.Min(month.End, until), one.Until ?? until);
        return start < end ? (start.ToUnixTimeTicks(), end.ToUnixTimeTicks()) : null;
    }

    /// <summary>The earliest of them, up to so many hours in all.</summary>
    private static List<(long Start, long End)> First(decimal? hours, IReadOnlyList<(long Start, long End)> spans)
    {
        var left = hours is { } most ? (long)(most * NodaConstants.TicksPerHour) : long.MaxValue;
        var first = new List<(long, long)>();
        foreach (var span in spans)
        {
            var length = long.Min(left, Length(span));
            if (length > 0)
            {
                first.Add((span.Start, span.Start + length));
                left -= length;
            }
        }

        return first;
    }

    private static IEnumerable<(long Start, long End)> Without(
        (long Start, long End) span, IReadOnlyList<(long Start, long End)> excluded)
    {
        var from = span.Start;
        foreach (var (start, end) in excluded)
        {
            if (end <= from || start >= span.End)
            {
                continue;
            }

            if (start > from)
            {
                yield return (from, start);
            }

            from = long.Max(from, end);
        }

        if (from < span.End)
        {
            yield return (from, span.End);
        }
    }

    private static long Length((long Start, long End) span) => span.End - span.Start;

    private static Instant At(long ticks) => Instant.FromUnixTimeTicks(ticks);
}
