using System.Globalization;
using System.Text;
using Exchange.Metering.Tests.Collectors;
using NodaTime;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// What a set of readings and corrections comes to, in thirty lines that know nothing of blocks, pages, indexes and
/// order: what holds of each reading, then what the slow fold makes of that.
/// </summary>
internal static class HistoryReference
{
    /// <summary>Segments to the microsecond and what was counted on each day, a line each.</summary>
    public static string Of(IReadOnlyCollection<Collected> taken, Instant until)
    {
        var corrections = taken.Where(one => one.Correction is not null).Select(one => one.Correction!)
            .ToLookup(one => (one.Landlord, one.Source, one.Corrects));
        var holds = taken.Where(one => one.Reading is not null).Select(one => Now(one.Reading!)).OfType<Reading>().ToList();
        var counted = holds.Where(one => one.Type == ReadingType.Count)
            .GroupBy(one => (one.Resource, one.Project, one.Meter, Day: one.From.InUtc().Date))
            .Select(same => new DailyTotal(
                same.Key.Resource, same.Key.Project, same.Key.Meter!, same.Key.Day, same.Sum(one => one.Quantity)));
        return Text(NaiveFold.Of(holds.Where(one => one.Type != ReadingType.Count), until), counted);

        Reading? Now(Reading reading) => Says((reading.Resource.Landlord, reading.Source, reading.Id)) switch
        {
            null => reading,
            { Replacement: { } right } by => right with
            {
                Resource = by.KeepsResource ? reading.Resource : right.Resource,
                From = by.KeepsTime ? reading.From : right.From,
                To = by.KeepsTime ? reading.From + (right.To - right.From) : right.To,
            },
            _ => null,
        };

        // The latest correction that was not taken back itself, as it was corrected itself.
        UsageCorrection? Says((LandlordId, string, string) of) => corrections[of].OrderByDescending(one => one.Time)
            .ThenByDescending(one => one.Id, StringComparer.Ordinal)
            .Select(one => Says((one.Landlord, one.Source, one.Id)) is { } by ? (by.Replacement is null ? null : by) : one)
            .FirstOrDefault(one => one is not null);
    }

    public static string Text(IEnumerable<Segment> segments, IEnumerable<DailyTotal> totals) => new StringBuilder()
        .AppendJoin('\n', segments.Select(one => string.Create(CultureInfo.InvariantCulture,
            $"{one.Resource} {one.Project} {one.Period.Start.ToUnixTimeTicks() / 10}-{one.Period.End.ToUnixTimeTicks() / 10} {one.State} {one.Shape}"))
            .Order(StringComparer.Ordinal))
        .Append('\n')
        .AppendJoin('\n', totals.Where(one => one.Quantity != 0).Select(one =>
            $"{one.Resource} {one.Project} {one.Meter} {one.Day} {Exchange.Text.Of(one.Quantity)}").Order(StringComparer.Ordinal))
        .ToString();
}
