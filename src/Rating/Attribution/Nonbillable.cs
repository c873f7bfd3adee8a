using Exchange.Facts;

namespace Exchange.Rating;

/// <summary>A cluster that an entry about a project is limited to, perhaps for some months.</summary>
/// <param name="Until">The first month in which it no longer holds; null while it holds.</param>
public sealed record NonbillableCluster(string Name, BillingMonth? From, BillingMonth? Until);

/// <summary>
/// Usage that is not billed: of a cluster, of a PI, of a project, or of courses of institutions that agreed so.
/// Stored as it is here.
/// </summary>
/// <param name="Subject">'cluster', 'pi', 'project' or 'courses'.</param>
/// <param name="Name">The cluster, the PI's address, the project's id or name; 'all' for courses.</param>
/// <param name="Until">The first month in which it no longer holds; null while it holds.</param>
/// <param name="Clusters">Of a project: where it holds; empty for everywhere.</param>
/// <param name="Billable">Of a project on a cluster: that it is billed after all.</param>
public sealed record Nonbillable(
    string Subject, string Name, BillingMonth? From, BillingMonth? Until, IReadOnlyList<NonbillableCluster> Clusters,
    bool Billable)
{
    /// <summary>What was published of usage that is not billed, as versions in the journal.</summary>
    public static readonly FactKind<Nonbillable> Facts = new(
        "nonbillable", one => $"{one.Subject}:{one.Name}", Decides);

    /// <exception cref="RefusedException">A key is unknown or missing, or a value is not what it must be.</exception>
    public static IReadOnlyList<Nonbillable> Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var all = root.Maps("nonbillable").Select(One).ToList();
        root.NoOthers();
        return all;
    }

    public bool Covers(BillingMonth month) => Covers(month, From, Until);

    /// <summary>The clusters where an entry about a project holds in a month; none where it holds nowhere.</summary>
    public IEnumerable<string> ClustersIn(BillingMonth month) =>
        Clusters.Where(cluster => Covers(month, cluster.From, cluster.Until)).Select(cluster => cluster.Name);

    private static bool Covers(BillingMonth month, BillingMonth? from, BillingMonth? until) =>
        !(month < from) && !(month >= until);

    private static IEnumerable<(string What, string Says)> Decides(Nonbillable one, BillingMonth month)
    {
        if (!one.Covers(month))
        {
            return [];
        }

        var where = one.Clusters.Count == 0 ? "everywhere" : string.Join(", ", one.ClustersIn(month));
        return where.Length == 0 ? [] : [(one.Billable ? "billed" : "not billed", where)];
    }

    private static Nonbillable One(YamlMap map)
    {
        string[] subjects = ["cluster", "pi", "project", "courses"];
        var named = subjects.Where(map.Has).ToList();
        if (named is not [var subject])
        {
            throw map.Bad("cluster", "one of cluster, pi, project or courses in each entry");
        }

        var name = map.Required(subject);
        if (subject == "courses")
        {
            name = map.Flag(subject) == true ? "all" : throw map.Bad(subject, "true");
        }

        var one = new Nonbillable(
            subject, subject == "pi" ? name.Trim().ToLowerInvariant() : name, map.Month("from"), map.Month("until"),
            subject == "project" ? [.. map.Maps("clusters").Select(Cluster)] : [],
            subject == "project" && map.Flag("billable") == true);
        map.NoOthers();
        return one.Until <= one.From ? throw map.Bad("until", "a month after 'from'")
            : one.Billable && one.Clusters.Count == 0 ? throw map.Bad("billable", "the clusters where it is billed")
            : one;
    }

    private static NonbillableCluster Cluster(YamlMap map)
    {
        var one = new NonbillableCluster(map.Required("name"), map.Month("from"), map.Month("until"));
        map.NoOthers();
        return one.Until <= one.From ? throw map.Bad("until", "a month after 'from'") : one;
    }
}
