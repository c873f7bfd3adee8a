using Exchange.Rating;

namespace Exchange.Nerc.Steps;

/// <summary>
/// Steps 1 and 2: clusters get their own names, and projects get from ColdFront their name, PI, code and whether they
/// are a course. A billable project that ColdFront does not know stops the month.
/// </summary>
internal static class ColdFrontNames
{
    public static IReadOnlyList<NercLine> Apply(NercSources sources, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        Dictionary<(string, string), ColdFrontAllocation> allocations = [];
        foreach (var allocation in sources.Allocations)
        {
            allocations[(allocation.ProjectId, allocation.Cluster)] = allocation; // The last one counts.
        }

        List<NercLine> named = [.. lines.Select(line => Named(line, allocations))];
        if (!fixes.HasFlag(Fix.NothingStops) &&
            Unknown(sources, named, allocations, fixes) is [_, ..] unknown)
        {
            throw new RefusedException(new(
                "nerc/unknown-projects",
                $"ColdFront does not know {unknown.Count} billable projects: {string.Join(", ", unknown)}. Add them " +
                "to its allocations, list them as nonbillable, or export with --policies corrected.", "coldfront"));
        }

        return named;
    }

    /// <summary>The billable projects that ColdFront does not know, as 'name on cluster', sorted.</summary>
    public static IReadOnlyList<string> Unknown(NercSources sources, IReadOnlyList<NercLine> named)
    {
        Dictionary<(string, string), ColdFrontAllocation> allocations = [];
        foreach (var allocation in sources.Allocations)
        {
            allocations[(allocation.ProjectId, allocation.Cluster)] = allocation;
        }

        return Unknown(sources, named, allocations, Fix.None);
    }

    private static List<string> Unknown(
        NercSources sources, IReadOnlyList<NercLine> named,
        Dictionary<(string, string), ColdFrontAllocation> allocations, Fix fixes)
    {
        var known = allocations.Values.Select(one => (one.Name, one.Cluster)).ToHashSet();
        var billable = Billability.ByProject(sources, named, fixes);
        return
        [
            .. named.Where((line, i) => billable[i] && !known.Contains((line.Allocation, line.Cluster ?? "")))
                .Select(line => $"'{line.Allocation}' on {line.Cluster ?? "no cluster"}")
                .Distinct().Order(StringComparer.Ordinal),
        ];
    }

    private static NercLine Named(NercLine line, Dictionary<(string, string), ColdFrontAllocation> allocations)
    {
        line = line with { Cluster = line.Cluster is { } cluster ? ColdFrontAllocations.ClusterOf(cluster) : null };
        return allocations.TryGetValue((line.AllocationId ?? "", line.Cluster ?? ""), out var allocation)
            ? line with
            {
                Allocation = allocation.Name,
                Pi = allocation.Pi,
                Code = allocation.Code is "" ? null : allocation.Code ?? "N/A",
                IsCourse = allocation.IsCourse,
            }
            : line;
    }
}
