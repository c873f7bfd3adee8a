using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>A quota's value from an instant on; in a request, the value asked for.</summary>
internal readonly record struct QuotaChange(Instant At, decimal Gib);

/// <summary>What of a quota counts from an instant on; null once the allocation is denied or revoked.</summary>
internal readonly record struct QuotaStep(Instant At, decimal? Gib);

/// <summary>
/// The rule by which quotas count: an increase from its fulfilment, a decrease from the request for it, and nothing
/// while the allocation is denied or revoked.
/// </summary>
internal static class QuotaHistory
{
    public static List<QuotaStep> Of(
        IReadOnlyList<QuotaChange> values, IReadOnlyList<QuotaChange> approved,
        IReadOnlyList<(Instant At, bool Billed)> statuses)
    {
        List<QuotaChange> effective = [];
        foreach (var value in values.OrderBy(v => v.At))
        {
            var from = value.At;
            if (effective is [.., var before] && value.Gib < before.Gib)
            {
                var asked = approved.Where(r => r.Gib == value.Gib && before.At < r.At && r.At < value.At);
                from = asked.Select(r => r.At).DefaultIfEmpty(value.At).Min();
            }

            effective.Add(value with { At = from });
        }

        List<QuotaStep> steps = [];
        foreach (var at in effective.Select(e => e.At).Concat(statuses.Select(s => s.At)).Distinct().Order())
        {
            var known = effective.Where(e => e.At <= at).ToList();
            var status = statuses.Where(s => s.At <= at).ToList();
            decimal? counts = known.Count > 0 && (status.Count == 0 || status[^1].Billed) ? known[^1].Gib : null;
            if (counts != (steps is [.., var last] ? last.Gib : null))
            {
                steps.Add(new(at, counts));
            }
        }

        return steps;
    }
}
