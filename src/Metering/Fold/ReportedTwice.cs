using System.Text;
using NodaTime;

namespace Exchange.Metering;

/// <summary>One thing, by its kind and name, that two landlords report as used at the same time.</summary>
/// <param name="Period">The first stretch of time of which both speak.</param>
public sealed record ReportedTwice(ResourceId First, ResourceId Second, Period Period);

/// <summary>Finds what two landlords report at the same time: both bill it.</summary>
/// <param name="names">The names of every lane.</param>
/// <param name="usageOf">Where the usage of a landlord is.</param>
internal sealed class FindReportedTwice(IReadOnlyList<Names> names, Func<LandlordId, UsageStore> usageOf)
{
    /// <summary>How many are found; who has more has one fault and not many.</summary>
    public const int MaxFound = 200;

    private const int MaxLooked = 5_000;

    public async Task<IReadOnlyList<ReportedTwice>> In(Period period, CancellationToken ct)
    {
        var found = new List<ReportedTwice>();
        foreach (var (first, second) in Pairs().Take(MaxLooked))
        {
            var (ours, theirs) = (await Claimed(first, period, ct), await Claimed(second, period, ct));
            if ((Overlap(ours, theirs) ?? await OverlapOfCounts(first, ours, second, theirs, period, ct)) is { } both)
            {
                found.Add(new(first, second, both));
            }

            if (found.Count == MaxFound)
            {
                break;
            }
        }

        return found;
    }

    private static Period? Overlap(IReadOnlyList<Period> ours, IReadOnlyList<Period> theirs) => theirs
        .Select(one => ours.Select(own => own.Clip(one)).FirstOrDefault(both => both is { IsEmpty: false }))
        .FirstOrDefault(both => both is not null);

    /// <summary>
    /// What is counted stands for its day. One day that both count, the last of one and the first of the other, is that
    /// of a move.
    /// </summary>
    private async Task<Period?> OverlapOfCounts(
        ResourceId first, IReadOnlyList<Period> ours, ResourceId second, IReadOnlyList<Period> theirs, Period period,
        CancellationToken ct)
    {
        var (counted, other) = (await Counted(first, period, ct), await Counted(second, period, ct));
        var both = counted.Intersect(other).ToList();
        var hasMoved = both is [var (_, day)] &&
            ((counted.All(one => one.Day <= day) && other.All(one => one.Day >= day)) ||
            (counted.All(one => one.Day >= day) && other.All(one => one.Day <= day))) &&
            counted.Concat(other).Any(one => one.Day != day);
        return (hasMoved || both.Count == 0 ? (Period?)null : Of(both[0].Day)) ??
            Overlap(Days(counted), theirs) ?? Overlap(ours, Days(other));

        static List<Period> Days(IEnumerable<(string Meter, LocalDate Day)> counted) =>
            [.. counted.Select(one => Of(one.Day)).Distinct()];

        static Period Of(LocalDate day) => new(
            day.AtMidnight().InUtc().ToInstant(), day.PlusDays(1).AtMidnight().InUtc().ToInstant());
    }

    private async Task<IReadOnlyList<(string Meter, LocalDate Day)>> Counted(
        ResourceId resource, Period period, CancellationToken ct) =>
        [
            .. (await usageOf(resource.Landlord).Totals(new(period, Resource: resource), ct))
                .Where(total => total.Quantity != 0)
                .Select(total => (total.Meter, total.Day)).Distinct().OrderBy(one => one.Day),
        ];

    private async Task<IReadOnlyList<Period>> Claimed(ResourceId resource, Period period, CancellationToken ct)
    {
        var used = new List<Period>();
        await foreach (var segment in usageOf(resource.Landlord).Segments(new(period, Resource: resource), ct))
        {
            if (segment.State != ResourceState.Deleted)
            {
                used.Add(segment.Period);
            }
        }

        return used;
    }

    /// <summary>
    /// Resources of the same kind and name at different landlords, compared without strings. Ids are written in large
    /// and in small letters: those that differ in nothing else are alike.
    /// </summary>
    private IEnumerable<(ResourceId First, ResourceId Second)> Pairs()
    {
        var known = new Dictionary<ulong, (Names Of, int Number)>();
        var more = new Dictionary<ulong, Dictionary<LandlordId, HashSet<ResourceId>>>();
        foreach (var of in names)
        {
            for (var number = 1; number <= of.Count; number++)
            {
                if (of[number][0] != Names.Resource)
                {
                    continue;
                }

                var hash = HashOf(of[number]);
                if (known.TryAdd(hash, (of, number)))
                {
                    continue;
                }

                var second = Parsed(of, number);
                if (!more.TryGetValue(hash, out var said))
                {
                    var one = Parsed(known[hash].Of, known[hash].Number);
                    more[hash] = said = new() { [one.Landlord] = [one] };
                }

                var own = said.TryGetValue(second.Landlord, out var found) ? found : said[second.Landlord] = [];
                if (!own.Add(second))
                {
                    continue; // The lane that a landlord left has its names, too.
                }

                foreach (var first in said.Where(of => of.Key != second.Landlord).SelectMany(of => of.Value)
                    .Where(first => IsAlike(first, second)))
                {
                    yield return (first, second);
                }
            }
        }
    }

    private static bool IsAlike(ResourceId first, ResourceId second) => first.Landlord != second.Landlord &&
        first.Kind.Equals(second.Kind, StringComparison.OrdinalIgnoreCase) &&
        first.Subject.Equals(second.Subject, StringComparison.OrdinalIgnoreCase);

    private static ResourceId Parsed(Names of, int number) => ResourceId.Parse(Readings.Text(of, number));

    /// <summary>Of the kind and the subject, in small letters: what stands behind landlord and cluster.</summary>
    private static ulong HashOf(ReadOnlySpan<byte> name)
    {
        var rest = name[(name.IndexOf((byte)'/') + 1)..];
        rest = rest[(rest.IndexOf((byte)'/') + 1)..];
        if (!Ascii.IsValid(rest))
        {
            rest = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(rest).ToUpperInvariant());
        }

        var hash = 14_695_981_039_346_656_037;
        foreach (var one in rest)
        {
            hash = unchecked((hash ^ (one is >= (byte)'A' and <= (byte)'Z' ? one | 0x20u : one)) * 1_099_511_628_211);
        }

        return hash;
    }
}
