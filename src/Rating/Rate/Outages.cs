using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>The outages of one cluster that the rated policies know of, ready to be subtracted.</summary>
internal sealed class Outages(
    ImmutableArray<Outage> all, LandlordId landlord, ClusterId cluster, RateRequest request)
{
    private readonly Dictionary<Policies, List<(long Start, long End)>> _spans = [];

    /// <summary>How many ticks of a stretch were outage.</summary>
    public long Within(long start, long end, Policies policies)
    {
        if (all.IsEmpty)
        {
            return 0;
        }

        if (!_spans.TryGetValue(policies, out var spans))
        {
            _spans[policies] = spans = Spans(policies);
        }

        var ticks = 0L;
        foreach (var span in spans)
        {
            ticks += long.Max(0, long.Min(end, span.End) - long.Max(start, span.Start));
        }

        return long.Min(ticks, end - start);
    }

    private List<(long Start, long End)> Spans(Policies policies)
    {
        var last = policies.LastDayOutagesBilled ? request.Period.End - Duration.FromDays(1) : request.Period.End;
        var spans = all
            .Where(o => o.Landlord == landlord && o.Clusters.Contains(cluster) && o.KnownTo.Contains(request.Policies))
            .Select(o => (Start: o.From.ToUnixTimeTicks(),
                End: Instant.Min(o.Until ?? request.Period.End, last).ToUnixTimeTicks()))
            .Where(span => span.Start < span.End);
        return policies.OutagesAddUp ? [.. spans] : [.. Outage.Merged(spans)];
    }
}
