using Exchange.Invoicing.Funds;
using Exchange.Rating;

namespace Exchange.Nerc;

/// <summary>A PI whom nothing is billed (no SU types named), or to whom some SU types are free.</summary>
public sealed record NonbillablePi(string Username, IReadOnlyList<string>? FreeSuTypes);

/// <summary>A month's inputs, understood.</summary>
public sealed record NercSources
{
    public required BillingMonth Month { get; init; }
    public required IReadOnlyList<CsvTable> Services { get; init; }
    public required IReadOnlyList<ColdFrontAllocation> Allocations { get; init; }
    public required PiLedger Ledger { get; init; }

    /// <summary>Each PI with the aliases that are written behind it, in the order of the file.</summary>
    public required IReadOnlyList<(string Pi, IReadOnlyList<string> Aliases)> Aliases { get; init; }
    public required IReadOnlyList<NonbillablePi> NonbillablePis { get; init; }
    public required IReadOnlyList<NonbillableProject> NonbillableProjects { get; init; }
    public required Prepayments Prepay { get; init; }
    public required Institutions Institutions { get; init; }
    public required IReadOnlyList<Programme> Programmes { get; init; }

    /// <summary>Keys of YAML files that nobody knows, each with its place.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>A programme of NERC's and its terms in the month; null when there are none.</summary>
    public (Programme Programme, ProgrammeTerms Terms)? Programme(string id) =>
        Programmes.FirstOrDefault(one => one.Id == id) is { } programme && programme.At(Month) is { } terms
            ? (programme, terms)
            : null;

    /// <exception cref="RefusedException">A file cannot be understood; file, line and reason are named.</exception>
    public static NercSources Parse(BillingMonth month, IReadOnlyList<NercFile> files)
    {
        NercFile? One(NercRole role) => files.LastOrDefault(file => file.Role == role);
        CsvTable? Csv(NercRole role, params ReadOnlySpan<string> columns) =>
            One(role) is { } file ? CsvTable.Parse(file.Text, file.Name, '"', columns) : null;

        var institutions = One(NercRole.Institutions);
        var prepay = Prepayments.Parse(
            Csv(NercRole.PrepayCredits, "Month", "Group Name", "Credit"),
            Csv(NercRole.PrepayDebits, "Month", "Group Name", "Debit"),
            Csv(NercRole.PrepayProjects, "Group Name", "Project", "Start Date", "End Date"),
            Csv(NercRole.PrepayContacts, "Group Name", "Group Contact Email", "MGHPCC Managed"));
        prepay.Check(month);
        List<string> others = [];
        return new()
        {
            Month = month,
            Services = ServiceLines.Tables(files.Where(file => file.Role == NercRole.Service)),
            Allocations = One(NercRole.ColdFront) is { } coldfront
                ? ColdFrontAllocations.Parse(coldfront.Text, coldfront.Name)
                : [],
            Ledger = PiLedger.Parse(Csv(NercRole.PiLedger, PiLedger.Columns)),
            Aliases = One(NercRole.Aliases) is { } aliases ? ParseAliases(aliases.Text) : [],
            NonbillablePis = One(NercRole.NonbillablePis) is { } pis ? ParsePis(pis, others) : [],
            NonbillableProjects = One(NercRole.NonbillableProjects) is { } projects
                ? NonbillableProject.Parse(projects.Text, projects.Name, others.AddRange)
                : [],
            UnknownKeys = others,
            Prepay = prepay,
            Institutions = Institutions.Parse(
                institutions?.Text ?? "institutions: []", institutions?.Name ?? "institutions.yaml"),
            Programmes =
            [
                .. files.Where(file => file.Role == NercRole.Programme)
                    .Select(file => ProgrammeFile.Parse(file.Text, file.Name)),
            ],
        };
    }

    private static List<(string, IReadOnlyList<string>)> ParseAliases(string text)
    {
        // A PI that stands there twice keeps its first place and its last aliases.
        var all = new OrderedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var line in text.TrimStart('\uFEFF').Split('\n').Select(line => line.Trim()))
        {
            if (line.Split(',') is [{ Length: > 0 } pi, .. var aliases])
            {
                all[pi] = aliases;
            }
        }

        return [.. all.Select(pair => (pair.Key, pair.Value))];
    }

    private static List<NonbillablePi> ParsePis(NercFile file, List<string> others) =>
        [.. YamlMap.ReadList(file.Text, file.Name).Select(map =>
        {
            var pi = new NonbillablePi(
                map.Required("username"),
                map.Has("non_billed_su_types")
                    ? [.. map.Maps("non_billed_su_types").Select(su => su.Required("name"))]
                    : null);
            others.AddRange(map.Others());
            return pi;
        })];
}
