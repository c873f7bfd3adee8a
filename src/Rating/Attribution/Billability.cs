using System.Collections.Concurrent;
using System.Collections.Immutable;
using Exchange.Facts;

namespace Exchange.Rating;

/// <summary>
/// Says which usage is billed: unless its cluster, its PI, its project or its course is not. A project that is billed
/// after all on a cluster is, whatever the cluster says.
/// </summary>
public sealed class Billability
{
    private readonly ImmutableArray<Timeline<Nonbillable>> _entries;
    private readonly ConcurrentDictionary<BillingMonth, Month> _months = new();

    private Billability(ImmutableArray<Timeline<Nonbillable>> entries) => _entries = entries;

    /// <summary>All usage is billed.</summary>
    public static Billability Everything { get; } = new([]);

    public static Billability Of(DatedFacts facts) => new([.. facts.Of(Nonbillable.Facts).Values]);

    /// <summary>What holds always, as a file says it.</summary>
    public static Billability Of(IEnumerable<Nonbillable> entries) => new([.. entries.Select(Timeline.Always)]);

    /// <summary>Why usage of a month is not billed; null where it is.</summary>
    /// <param name="owner">Who answers for it; a part of a project counts as the whole.</param>
    /// <param name="personOf">From any address to the one that a person is known under.</param>
    public string? WhyNot(
        ClusterId cluster, ProjectId project, Attributed owner, Institution? institution, BillingMonth month,
        Func<PiId, PiId> personOf)
    {
        if (_entries.IsEmpty)
        {
            return null;
        }

        var holds = _months.GetOrAdd(month, In);
        List<Nonbillable> entries = holds.Projects.Count == 0
            ? []
            : [.. new[] { project.Value, Whole(project.Value), owner.Name, Whole(owner.Name) }
                .Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(name => holds.Projects[name])];
        var here = entries.Where(entry => entry.ClustersIn(month).Contains(cluster.Value)).ToList();
        return owner.Pi is { } pi && holds.Pis.Any(listed => personOf(listed) == pi) ? $"{pi} is not billed"
            : owner.IsCourse && holds.Courses && institution?.CoursesNonbillable == true
                ? $"courses of {institution.Name} are not billed"
            : here.Exists(entry => entry.Billable) ? null
            : here.Count > 0 || entries.Exists(entry => entry.Clusters.Count == 0) ? $"'{owner.Name}' is not billed"
            : holds.Clusters.Contains(cluster.Value) ? $"cluster {cluster} is not billed"
            : null;
    }

    private static string Whole(string name) =>
        name.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? name[..colon] : name;

    private Month In(BillingMonth month)
    {
        var held = _entries.Select(entry => entry.At(month)).OfType<Nonbillable>()
            .Where(entry => entry.Covers(month)).ToList();
        ImmutableArray<string> Named(string subject) =>
            [.. held.Where(entry => entry.Subject == subject).Select(entry => entry.Name)];
        return new(
            Named("cluster").ToImmutableHashSet(StringComparer.Ordinal), [.. Named("pi").Select(pi => new PiId(pi))],
            held.Where(entry => entry.Subject == "project")
                .ToLookup(entry => entry.Name, StringComparer.OrdinalIgnoreCase),
            Named("courses").Length > 0);
    }

    /// <summary>What is not billed in one month.</summary>
    private sealed record Month(
        ImmutableHashSet<string> Clusters, ImmutableArray<PiId> Pis, ILookup<string, Nonbillable> Projects,
        bool Courses);
}
