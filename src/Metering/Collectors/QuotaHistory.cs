using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>A quota's value from an instant on; in a request, the value asked for.</summary>
internal readonly record struct QuotaChange(Instant At, decimal Gib);

/// <summary>What of a quota counts from an instant on; null once it counts for nobody.</summary>
/// <param name="Incumbent">What counts by the rule of today's scripts, where that is something else.</param>
internal readonly record struct QuotaStep(Instant At, decimal? Gib, decimal? Incumbent);

/// <summary>
/// The rule by which quotas count: an increase from its fulfilment, a decrease from the request for it, and nothing
/// while the allocation is denied or revoked. Today's scripts bill until the newest record that says denied or revoked,
/// and nothing after it.
/// </summary>
internal static class QuotaHistory
{
    public static List<QuotaStep> Of(
        IReadOnlyList<QuotaChange> values, IReadOnlyList<QuotaChange> approved,
        IReadOnlyList<(Instant At, bool Billed)> statuses)
    {
        List<QuotaChange> effective = [];
        QuotaChange? before = null;
        foreach (var value in values.OrderBy(v => v.At))
        {
            var from = value.At;
            if (before is { } previous && value.Gib < previous.Gib)
            {
                var asked = approved.Where(r => r.Gib == value.Gib && previous.At < r.At && r.At < value.At);
                from = asked.Select(r => r.At).DefaultIfEmpty(value.At).Min();
            }

            effective.Add(value with { At = from });
            before = value;
        }

        var ended = statuses.Where(s => !s.Billed).Select(s => s.At).DefaultIfEmpty(Instant.MaxValue).Max();
        List<QuotaStep> steps = [];
        foreach (var at in effective.Select(e => e.At).Concat(statuses.Select(s => s.At)).Distinct().Order())
        {
            decimal? quota = effective.Where(e => e.At <= at).Select(e => (decimal?)e.Gib).LastOrDefault();
            var status = statuses.LastOrDefault(s => s.At <= at, (At: at, Billed: true));
            var step = new QuotaStep(at, status.Billed ? quota : null, at < ended ? quota : null);
            if (steps is not [.., var last] ? step is not { Gib: null, Incumbent: null }
                : step != last with { At = at })
            {
                steps.Add(step);
            }
        }

        return steps;
    }
}
