using System.Globalization;

namespace Exchange.Rating;

/// <summary>
/// Which of several allocations of one project answers for it: ColdFront lists every allocation that ever was, with its
/// status, in any order. One that is active goes before one that ended, a later one before an earlier one, and one that
/// was denied never gave anything to anybody.
/// </summary>
internal static class AllocationInForce
{
    /// <summary>The allocation that answers for each project, and what contradicts itself.</summary>
    public static (IReadOnlyList<ColdFrontAllocation> InForce, IReadOnlyList<string> Contradictions) Of(
        IEnumerable<ColdFrontAllocation> all)
    {
        List<ColdFrontAllocation> inForce = [];
        List<string> contradictions = [];
        foreach (var project in all.Where(one => Rank(one) > 0).GroupBy(one => (one.Cluster, one.ProjectId)))
        {
            var best = Best([.. project]);
            if (best.Select(one => one.Pi?.Trim().ToLowerInvariant()).Distinct().Count() > 1)
            {
                var pis = string.Join(" and ", best.Select(one => one.Pi).Order(StringComparer.Ordinal));
                contradictions.Add(
                    $"'{project.Key.ProjectId}' on {project.Key.Cluster} has {best.Count} allocations that are " +
                    $"'{best[0].Status}' at once, of {pis}. End one of them in ColdFront; until then nothing changes " +
                    "for the project.");
            }
            else
            {
                inForce.Add(best[^1]);
            }
        }

        return (inForce, contradictions);
    }

    /// <summary>Those between which nothing decides; of a file without statuses its last word.</summary>
    private static List<ColdFrontAllocation> Best(List<ColdFrontAllocation> all)
    {
        if (all.TrueForAll(one => one.Status is null))
        {
            return [all[^1]];
        }

        var best = all.Where(one => Rank(one) == all.Max(Rank)).ToList();
        var latest = best.Select(one => one.Start).Max(StringComparer.Ordinal);
        best = best.FindAll(one => one.Start == latest);
        var newest = best.Max(Number);
        return Rank(best[0]) == Active ? best : best.FindAll(one => Number(one) == newest);
    }

    private const int Active = 3;

    private static int Rank(ColdFrontAllocation one) => one.Status?.Trim().ToUpperInvariant() switch
    {
        "DENIED" => 0,
        null or "REVOKED" or "EXPIRED" or "INACTIVE" or "UNPAID" => 1,
        ['A', 'C', 'T', 'I', 'V', 'E', ..] or "RENEWAL REQUESTED" => Active,
        _ => 2,
    };

    private static long Number(ColdFrontAllocation one) => long.TryParse(
        one.Number, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
