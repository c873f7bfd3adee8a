using Exchange.Rating;

namespace Exchange.Nerc;

/// <summary>An entry of the list of projects that are not billed, with the clusters it names.</summary>
/// <param name="IsBillable">True in an entry that says the opposite: the project is billed after all.</param>
public sealed record NonbillableProject(
    string Name, string? Start, string? End, bool IsBillable, IReadOnlyList<NonbillableProject.OnCluster> Clusters)
{
    /// <summary>A cluster that an entry is limited to, perhaps for some months.</summary>
    public sealed record OnCluster(string Name, string? Start, string? End);

    /// <summary>An entry as it counts in a month: for one cluster, or for all.</summary>
    public sealed record Active(string Name, string? Cluster, bool IsBillable);

    /// <param name="others">Told the keys that nobody knows, each with its place.</param>
    public static IReadOnlyList<NonbillableProject> Parse(
        string yaml, string file, Action<IEnumerable<string>> others) =>
        [.. YamlMap.ReadList(yaml, file).Select(map =>
        {
            var entry = new NonbillableProject(
                map.Required("name"), map.Word("start"), map.Word("end"), map.Flag("is_billable") ?? false,
                [.. map.Maps("clusters").Select(cluster =>
                {
                    var on = new OnCluster(cluster.Required("name"), cluster.Word("start"), cluster.Word("end"));
                    others(cluster.Others());
                    return on;
                })]);
            others(map.Others());
            return entry;
        })];

    /// <summary>The entries that count in a month, in the order of the file.</summary>
    public static IReadOnlyList<Active> In(BillingMonth month, IReadOnlyList<NonbillableProject> all, Fix fixes)
    {
        var name = month.ToString();
        var every = fixes.HasFlag(Fix.EveryPeriodCounts);
        List<Active> active = [];
        foreach (var entry in all.Where(entry => Covers(name, entry.Start, entry.End, every)))
        {
            if (entry.Clusters.Count == 0)
            {
                active.Add(new(entry.Name, null, entry.IsBillable));
            }

            // Today an entry with a period of its own does not look at those of its clusters.
            active.AddRange(
                from cluster in entry.Clusters
                where (entry.Start is not null && !every) || Covers(name, cluster.Start, cluster.End, every)
                select new Active(entry.Name, cluster.Name, entry.IsBillable));
        }

        return active;
    }

    /// <summary>Months in text order, both ends included; today an end without a start is not looked at.</summary>
    private static bool Covers(string month, string? start, string? end, bool every) =>
        (start is null || string.CompareOrdinal(start, month) <= 0) &&
        (end is null || (start is null && !every) || string.CompareOrdinal(month, end) <= 0);
}
