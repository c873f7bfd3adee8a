using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Of which kinds there is usage, where, and when: what a publication must not leave without a price.
/// </summary>
public static class UsedSpans
{
    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);

    /// <summary>One span for each cluster, kind and month of the landlords' usage.</summary>
    public static async Task<IReadOnlyList<UsedSpan>> Of(
        Meter meter, IEnumerable<LandlordId> landlords, Instant now, CancellationToken ct)
    {
        var spans = new Dictionary<(LandlordId, ClusterId, string, BillingMonth), Period>();
        foreach (var landlord in landlords.Distinct())
        {
            await meter.Read(new(new(Earliest, now), landlord), byName: false, Span, _ => { }, ct);
        }

        return [.. spans.Select(s => new UsedSpan(s.Key.Item1, s.Key.Item2, s.Key.Item3, s.Value))];

        void Span(Segment segment)
        {
            for (var month = BillingMonth.Of(segment.Period.Start);
                segment.Period.Clip(month.Period) is { } part;
                month = month.Next)
            {
                var key = (segment.Resource.Landlord, segment.Resource.Cluster, segment.Resource.Kind, month);
                spans[key] = spans.TryGetValue(key, out var known)
                    ? new(Instant.Min(known.Start, part.Start), Instant.Max(known.End, part.End))
                    : part;
            }
        }
    }
}
