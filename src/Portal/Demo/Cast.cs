namespace Exchange.Portal.Demo;

/// <summary>Someone invented who answers for projects.</summary>
/// <param name="IsNew">Whether October 2026 is the first month in which this PI uses anything.</param>
internal sealed record DemoPi(string Name, PiId Address, bool IsNew);

/// <summary>An invented project of an invented PI in one cluster.</summary>
internal sealed record DemoProject(ClusterId Cluster, ProjectId Project, string Name, DemoPi Pi);

/// <summary>The invented people of the demonstration and their projects, the same ones for the same seed.</summary>
internal sealed class Cast
{
    private static readonly string[] GivenNames =
    [
        "Ada", "Amara", "Bela", "Chidi", "Dana", "Elif", "Emeka", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kavya",
        "Leila", "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Sanjay", "Tamar", "Uma", "Viktor", "Wanjiru",
        "Ximena", "Yusuf", "Zofia", "Noor", "Pavel",
    ];

    private static readonly string[] FamilyNames =
    [
        "Abara", "Bergström", "Castellan", "Duarte", "Eriksen", "Farouk", "Grünwald", "Hollis", "Ibarra", "Jansen",
        "Kowal", "Lindqvist", "Moreau", "Nakata", "Okoro", "Petrov", "Quispe", "Rahman", "Silva", "Tanaka", "Ueda",
        "Vasquez", "Whitlock", "Xu", "Yilmaz", "Zamora",
    ];

    private static readonly string[] Fields =
    [
        "genome-atlas", "coastal-waves", "protein-folds", "river-ice", "speech-lab", "galaxy-survey", "urban-heat",
        "quantum-dots", "soil-carbon", "neuro-maps", "fluid-lab", "graph-mining", "bird-calls", "cell-images",
        "monsoon", "policy-models", "robot-hands", "plasma-sim", "text-archive", "sea-grass", "drug-screen",
        "traffic-flow", "wind-farms", "star-spectra", "folk-music",
    ];

    private static readonly (string Domain, int Pis)[] Institutions =
    [
        ("bu.edu", 12), ("harvard.edu", 10), ("mit.edu", 6), ("northeastern.edu", 6), ("umass.edu", 4), ("yale.edu", 2),
    ];

    public Cast(int seed)
    {
        var random = new Random(seed);
        var people = new List<DemoPi>();
        foreach (var (domain, count) in Institutions)
        {
            for (var i = 0; i < count; i++)
            {
                people.Add(Person(random, domain, people));
            }
        }

        Pis = people;
        Projects = [.. people.SelectMany((pi, i) => ProjectsOf(pi, i, random))];
    }

    private Cast(IReadOnlyList<DemoPi> pis, IReadOnlyList<DemoProject> projects) => (Pis, Projects) = (pis, projects);

    public IReadOnlyList<DemoPi> Pis { get; }
    public IReadOnlyList<DemoProject> Projects { get; }

    /// <summary>The same people before October 2026: without those who are new in it.</summary>
    public Cast Before => new([.. Pis.Where(pi => !pi.IsNew)], [.. Projects.Where(p => !p.Pi.IsNew)]);

    public IEnumerable<DemoProject> In(ClusterId cluster) => Projects.Where(p => p.Cluster == cluster);

    /// <summary>The projects as the file that 'exchange projects import' reads.</summary>
    public string ToCsv() => "cluster,project,name,pi\n" + string.Concat(
        Projects.Select(p => $"{p.Cluster},{p.Project},{p.Name},{p.Pi.Address}\n"));

    /// <summary>The projects of the market: who leases, sublets and is asked to, and who stores with the intermediary.
    /// </summary>
    public DemoProject Lessee => Of("mit.edu", 0, Landlords.Nodes, "spring-lab");
    public DemoProject Sublessee => Of("northeastern.edu", 0, Landlords.Nodes, "vision-lab");
    public DemoProject AskedToLease =>
        new(Landlords.Nodes, new("winter-runs"), "winter-runs", DemoPeople.Known(this));
    public IReadOnlyList<DemoProject> InBuckets =>
    [
        Of("umass.edu", 0, Landlords.Store, "field-notes"), Of("yale.edu", 0, Landlords.Store, "scans"),
        Of("mit.edu", 1, Landlords.Store, "backups"),
    ];

    /// <summary>They come to the market with its landlords.</summary>
    public string MarketCsv() => "cluster,project,name,pi\n" + string.Concat(
        InBuckets.Prepend(AskedToLease).Prepend(Sublessee).Prepend(Lessee)
            .Select(p => $"{p.Cluster},{p.Project},{p.Name},{p.Pi.Address}\n"));

    /// <summary>A project of somebody who works for an institution and is nobody to be in the demonstration.</summary>
    private DemoProject Of(string domain, int place, ClusterId cluster, string name) => new(
        cluster, new(name), name, Pis.Where(pi => !pi.IsNew &&
            pi.Address.Value.EndsWith($"@{domain}", StringComparison.Ordinal)).ElementAt(place));

    private static DemoPi Person(Random random, string domain, List<DemoPi> others)
    {
        while (true)
        {
            var (given, family) = (GivenNames[random.Next(GivenNames.Length)],
                FamilyNames[random.Next(FamilyNames.Length)]);
            var address = new PiId($"{Plain(given)}.{Plain(family)}@{domain}");
            if (others.All(o => o.Name != $"{given} {family}"))
            {
                return new($"{given} {family}", address, IsNew: random.Next(8) == 0);
            }
        }
    }

    private static IEnumerable<DemoProject> ProjectsOf(DemoPi pi, int place, Random random)
    {
        var field = $"{Fields[place % Fields.Length]}{(place < Fields.Length ? "" : "-2")}";
        var clusters = Landlords.Clusters.Where(c => random.Next(100) < c.Popularity).Select(c => c.Cluster).ToList();
        if (clusters.Count == 0)
        {
            clusters.Add(Landlords.Stack);
        }

        return clusters.Select(cluster => new DemoProject(cluster, new($"{field}-{cluster}"), field, pi));
    }

    private static string Plain(string name) => name.ToLowerInvariant()
        .Replace('ö', 'o').Replace('ü', 'u').Replace('ä', 'a');
}

/// <summary>
/// The landlords of the demonstration and their clusters. Price sheets of three are in pricing/; two come in November.
/// </summary>
internal static class Landlords
{
    public static readonly LandlordId Nerc = new("nerc");
    public static readonly LandlordId Blocks = new("blockbank");
    public static readonly LandlordId Fpgas = new("gatefarm");
    public static readonly LandlordId Racks = new("crimson");
    public static readonly LandlordId Objects = new("openstore");

    public static readonly ClusterId Stack = new("stack");
    public static readonly ClusterId Pods = new("ocp-prod");
    public static readonly ClusterId Volumes = new("blockbank-1");
    public static readonly ClusterId Boards = new("gatefarm-1");
    public static readonly ClusterId Nodes = new("crimson-bm");
    public static readonly ClusterId Store = new("openstore-1");

    /// <summary>Each cluster that is there from the beginning, and how many of a hundred PIs use it.</summary>
    public static IReadOnlyList<(ClusterId Cluster, int Popularity)> Clusters { get; } =
        [(Stack, 60), (Pods, 55), (Volumes, 45), (Boards, 20)];

    public static IReadOnlyList<LandlordId> All { get; } = [Nerc, Blocks, Fpgas, Racks, Objects];
}
