using System.Collections.Immutable;
using NodaTime;
using NodaTime.TimeZones;

namespace Exchange.Rating;

/// <summary>Some hours of some days of the week, by the clock on the wall, and what a unit costs then.</summary>
/// <param name="Until">The first time of day that is no longer of it; midnight for the end of the day.</param>
public sealed record HoursOfDay(
    string Name, ImmutableArray<IsoDayOfWeek> Days, LocalTime From, LocalTime Until, decimal Rate)
{
    public bool Holds(LocalDateTime moment) => Days.Contains(moment.DayOfWeek) &&
        moment.TimeOfDay >= From && (Until == LocalTime.Midnight || moment.TimeOfDay < Until);
}

/// <summary>
/// The rate depends on the hour and the day of the week in a named time zone; the first that holds counts, and the
/// SKU's own rate otherwise. Each is a line. Days on which clocks change are as long as they are.
/// </summary>
public sealed record TimeOfDay(DateTimeZone Zone, ImmutableArray<HoursOfDay> Hours) : PriceModel
{
    public override IEnumerable<decimal> Rates => Hours.Select(hours => hours.Rate);

    /// <summary>The line of a span knows its own rate.</summary>
    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line) =>
        [new(null, quantity, rate)];

    /// <summary>Cuts a stretch of time, in ticks, where the price changes.</summary>
    public IEnumerable<(long Start, long End, HoursOfDay? Hours)> Split(long start, long end)
    {
        while (start < end)
        {
            var now = Instant.FromUnixTimeTicks(start).InZone(Zone);
            var change = Change(now);
            var next = long.Min(end, change.ToUnixTimeTicks());
            yield return (start, next, Hours.FirstOrDefault(hours => hours.Holds(now.LocalDateTime)));
            start = next;
        }
    }

    /// <summary>The next instant at which some span begins or ends, or the wall clock itself is changed.</summary>
    private Instant Change(ZonedDateTime now)
    {
        var instant = now.ToInstant();
        var edges = Hours.SelectMany(hours => new[] { hours.From, hours.Until }).Append(LocalTime.Midnight)
            .SelectMany(time => new[] { now.Date + time, now.Date.PlusDays(1) + time })
            .SelectMany(edge => Zone.MapLocal(edge) switch
            {
                { Count: 1 } one => [one.Single().ToInstant()],
                { Count: 2 } two => [two.First().ToInstant(), two.Last().ToInstant()],
                _ => (Instant[])[Zone.ResolveLocal(edge, Resolvers.LenientResolver).ToInstant()],
            });
        var interval = Zone.GetZoneInterval(instant);
        return edges.Concat(interval.HasEnd ? [interval.End] : []).Where(edge => edge > instant).Min();
    }

    public bool Equals(TimeOfDay? other) =>
        other is not null && Zone.Equals(other.Zone) && Hours.SequenceEqual(other.Hours);
    public override int GetHashCode() => Hours.Length;
}
