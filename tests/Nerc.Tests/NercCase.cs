using System.Text.Json;
using Exchange.Testing;

namespace Exchange.Nerc.Tests;

/// <summary>
/// A month of NERC's inputs in a few words: lines of service invoices, and who answers for their projects.
/// </summary>
internal sealed class NercCase(string month = "2025-10")
{
    private const string Header =
        "Invoice Month,Project - Allocation,Project - Allocation ID,Manager (PI),Cluster Name,Invoice Email," +
        "Invoice Address,Institution,Institution - Specific Code,SU Hours (GBhr or SUhr),SU Type,Rate,Cost\n";

    private static readonly IReadOnlyList<NercFile> Rules =
    [
        new(NercRole.Institutions, "institutions.yaml", File.ReadAllText(Product.File("pricing/institutions.yaml"))),
        .. Directory.GetFiles(Product.File("pricing/programmes"), "*.yaml").Order(StringComparer.Ordinal)
            .Select(path => new NercFile(NercRole.Programme, Path.GetFileName(path), File.ReadAllText(path))),
    ];

    private readonly List<string> _lines = [];
    private readonly OrderedDictionary<(string, string), object> _allocations = [];
    private readonly List<NercFile> _files = [];

    public BillingMonth Month { get; } = BillingMonth.Parse(month);

    public IReadOnlyList<NercFile> Files =>
    [
        new(NercRole.Service, "lines.csv", Header + string.Concat(_lines)),
        new(NercRole.ColdFront, "coldfront.json", JsonSerializer.Serialize(_allocations.Values)),
        .. _files,
        .. Rules,
    ];

    /// <summary>A line of a project that ColdFront knows; its PI there may be nobody (null).</summary>
    public NercCase Line(
        string project, string? pi, string cost, string su = "OpenStack CPU", string cluster = "stack",
        string hours = "1", bool course = false)
    {
        _allocations[(project, cluster)] = new Dictionary<string, object?>
        {
            ["project"] = new Dictionary<string, object?> { ["pi"] = pi },
            ["resource"] = new Dictionary<string, object?> { ["name"] = cluster },
            ["attributes"] = new Dictionary<string, object?>
            {
                ["Allocated Project ID"] = project,
                ["Allocated Project Name"] = project,
                ["Is Course?"] = course ? "YES" : "No",
            },
        };
        return Stray(project, cost, su, cluster, hours);
    }

    /// <summary>A line of a project that ColdFront does not know.</summary>
    public NercCase Stray(
        string project, string cost, string su = "OpenStack CPU", string cluster = "stack", string hours = "1")
    {
        var name = $"|{project.Replace("|", "||", StringComparison.Ordinal)}|";
        _lines.Add($"{Month},{name},{name},,{cluster},,,,N/A,{hours},{su},0.013,{cost}\n");
        return this;
    }

    public NercCase With(NercRole role, string text)
    {
        _files.Add(new(role, role.ToString(), text));
        return this;
    }

    public NercCase Ledger(params string[] entries) => With(
        NercRole.PiLedger,
        "PI,First Invoice Month,Initial Credits,1st Month Used,2nd Month Used\n" + string.Join('\n', entries));

    /// <summary>
    /// A prepay group that pays for projects; the columns are group, contact, managed, projects, paid in.
    /// </summary>
    public NercCase Group(string group, string contact, string managed, string projects, string paidIn) =>
        Append(NercRole.PrepayContacts, "Group Name,Group Contact Email,MGHPCC Managed", $"{group},{contact},{managed}")
        .Append(NercRole.PrepayCredits, "Month,Group Name,Credit", $"2025-01,{group},{paidIn}")
        .Append(
            NercRole.PrepayProjects, "Group Name,Project,Start Date,End Date",
            [.. projects.Split(' ').Select(project => $"{group},{project},2025-01,2025-12")]);

    public NercCase Append(NercRole role, string header, params string[] rows)
    {
        var place = _files.FindIndex(file => file.Role == role);
        var text = place < 0 ? header : _files[place].Text;
        text = string.Join('\n', rows.Prepend(text));
        if (place < 0)
        {
            return With(role, text);
        }

        _files[place] = _files[place] with { Text = text };
        return this;
    }

    public NercSources Sources => NercSources.Parse(Month, Files);

    public NercOutcome Run(Fix fixes = Fix.None) => NercPipeline.Run(Sources, fixes);

    /// <summary>A report of the month, by the start of its file's name: its rows, cells joined by '|'.</summary>
    public IReadOnlyList<string> Report(string name, Fix fixes, params string[] columns)
    {
        var report = NercReports.Of(Run(fixes)).Single(one => one.File.StartsWith(name, StringComparison.Ordinal));
        var places = columns.Select(column => report.Columns.ToList().IndexOf(column)).ToList();
        return [.. report.Rows.Select(row => string.Join('|', places.Select(place => row.Cells[place])))];
    }

    /// <summary>What each line came to: cost, credit, codes, subsidy, prepaid use, PI balance, balance.</summary>
    public IReadOnlyList<string> Came(Fix fixes) => [.. Run(fixes).Lines.Select(line => string.Join(
        ' ', Amount(line.Cost), Amount(line.Credit), line.CreditCode ?? "-", Amount(line.Subsidy),
        Amount(line.GroupUsed), Amount(line.PiBalance), Amount(line.Balance)))];

    private static string Amount(Money? money) => money is { } known ? Text.Of(known.Amount) : "-";
}
