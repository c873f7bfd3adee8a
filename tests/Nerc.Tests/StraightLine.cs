namespace Exchange.Nerc.Tests;

/// <summary>One line of a drawn month: what a service invoice and ColdFront say of it.</summary>
internal sealed record DrawnLine(
    string Project, string? Pi, string Cluster, string Su, int Hours, long Cents, bool Course);

/// <summary>A prepay group of a drawn month, with the projects that it pays for and when.</summary>
internal sealed record DrawnGroup(
    string Name, string Contact, string Managed, long Credited, long Debited,
        (string Project, string From, string To)[] Projects);

/// <summary>An entry of the list of projects: with the months of its own, or with those of its cluster.</summary>
internal sealed record DrawnEntry(string Name, string? Cluster, bool Billable, string? From = null, string? To = null)
{
    public bool IsIn(string month) => (From is null || string.CompareOrdinal(From, month) <= 0) &&
        (To is null || string.CompareOrdinal(month, To) <= 0);
}

/// <summary>The inputs of a drawn month, as plain values.</summary>
internal sealed record DrawnMonth(
    string Name, DrawnLine[] Lines, (string Pi, string Alias)[] Aliases, HashSet<string> FreePis,
    Dictionary<string, string[]> FreeSus, DrawnEntry[] Projects,
    Dictionary<string, (string First, long Initial, long Used)> Ledger, DrawnGroup[] Groups);

/// <summary>
/// NERC's month once more, from its description alone: ten steps straight down over plain numbers, in cents, for months
/// without the faults that need their own tests. It shares no code with what it checks.
/// </summary>
internal static class StraightLine
{
    private static readonly Dictionary<string, string> Places = new()
    {
        ["bu.edu"] = "Boston University",
        ["mit.edu"] = "Massachusetts Institute of Technology",
        ["harvard.edu"] = "Harvard University",
        ["meei.harvard.edu"] = "Massachusetts Eye & Ear",
        ["uri.edu"] = "University of Rhode Island",
        ["redhat.com"] = "Red Hat",
    };

    private static readonly string[] Partners =
        ["Boston University", "Massachusetts Institute of Technology", "Harvard University"];

    private static readonly string[] NotCredited =
        ["OpenShift GPUA100SXM4", "OpenStack GPUA100SXM4", "OpenShift GPUH100", "OpenStack GPUH100"];

    /// <summary>A line as it comes out: everything in cents, null for an empty cell.</summary>
    public sealed class Row
    {
        public required DrawnLine Line;
        public string? Pi;
        public string Institution = "";
        public bool Billable;
        public long? Credit;
        public string? Code;
        public long Subsidy, PiBalance, Balance, Charge;
        public string? Group;
        public string Managed = "";
        public long? GroupBalance, GroupUsed;
        public string Stem => Line.Project.Contains('-', StringComparison.Ordinal)
            ? Line.Project[..Line.Project.LastIndexOf('-')] : Line.Project;
    }

    public static (List<Row> Rows, Dictionary<string, string> Ledger, Dictionary<string, long> Debits) Run(DrawnMonth m)
    {
        var rows = m.Lines.Select(line => new Row { Line = line, Balance = line.Cents, PiBalance = line.Cents })
            .ToList();
        foreach (var row in rows)
        {
            row.Pi = row.Line.Pi;
            foreach (var (pi, alias) in m.Aliases)
            {
                row.Pi = row.Pi == alias ? pi : row.Pi; // Line by line: what an earlier one made, a later one renames.
            }

            for (var domain = row.Pi?[(row.Pi.LastIndexOf('@') + 1)..]; domain is not null &&
                row.Institution.Length == 0;)
            {
                row.Institution = Places.GetValueOrDefault(domain, "");
                domain = domain.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? domain[(dot + 1)..] : null;
            }

            var late = string.CompareOrdinal(m.Name, "2025-06") >= 0;
            row.Charge = row.Line.Hours * (row.Line.Su.Contains("GPUA100SXM4", StringComparison.Ordinal) ? late ? 80
                : 100
                : row.Line.Su.Contains("GPUH100", StringComparison.Ordinal) && late ? 274 : 0);

            var listed = m.Projects.Where(p => p.IsIn(m.Name) &&
                p.Name.Equals(row.Line.Project, StringComparison.OrdinalIgnoreCase)).ToList();
            var here = listed.Where(p => p.Cluster == row.Line.Cluster).ToList();
            var billed = here.Count > 0 ? here[0].Billable
                : row.Line.Cluster is not "ocp-test" and not "barcelona" && !listed.Exists(p => p.Cluster is null);
            row.Billable = billed && !(row.Pi is not null && m.FreePis.Contains(row.Pi)) &&
                !(row.Line.Course && row.Institution == "Boston University");
        }

        foreach (var (pi, sus) in m.FreeSus)
        {
            var free = rows.Where(r => r.Pi == pi && sus.Contains(r.Line.Su)).ToList();
            Take(free, free.Sum(r => r.Line.Cents), (r, cents) => Credit(r, cents, "0005"));
        }

        var ledger = m.Ledger.ToDictionary(e => e.Key, e => Entry(e.Value.First, e.Value.Initial, e.Value.Used, 0));
        foreach (var pi in rows.Select(r => r.Pi).OfType<string>().Distinct())
        {
            var age = m.Ledger.TryGetValue(pi, out var entry) ? Number(m.Name) - Number(entry.First) : 0;
            if (age > 1)
            {
                continue;
            }

            var limited = string.CompareOrdinal(m.Name, "2024-09") >= 0;
            var eligible = rows.Where(r => r.Pi == pi && r.Billable && !NotCredited.Contains(r.Line.Su) &&
                (!limited || Partners.Contains(r.Institution))).ToList();
            var granted = age == 1 ? entry.Initial : eligible.Count == 0 ? 0 : 100_000;
            var used = Take(
                eligible, age == 1 ? granted - entry.Used : granted, (r, cents) => Credit(r, cents, "0002"));
            ledger[pi] = age == 1 ? Entry(entry.First, granted, entry.Used, used) : Entry(m.Name, granted, used, 0);
        }

        foreach (var pi in rows.Where(r => r.Institution == "Boston University").Select(r => r.Pi).Distinct())
        {
            Take(rows.Where(r => r.Pi == pi && r.Billable).ToList(), 10_000, (r, cents) => r.Subsidy += cents);
        }

        Dictionary<string, long> debits = [];
        foreach (var group in m.Groups)
        {
            var projects = group.Projects.Where(p => string.CompareOrdinal(p.From, m.Name) <= 0 &&
                string.CompareOrdinal(m.Name, p.To) <= 0).Select(p => p.Project).ToList();
            foreach (var row in rows.Where(r => projects.Contains(r.Stem)))
            {
                (row.Group, row.Managed) = (group.Name, group.Managed.ToUpperInvariant());
            }
        }

        foreach (var group in m.Groups)
        {
            var mine = rows.Where(r => r.Group == group.Name).ToList();
            var left = group.Credited - group.Debited;
            var used = Take(mine, left, (r, cents) =>
            {
                r.GroupUsed = (r.GroupUsed ?? 0) + cents;
                r.Balance -= cents;
            });
            mine.ForEach(r => r.GroupBalance = left - used);
            if (used > 0)
            {
                debits[group.Name] = used;
            }
        }

        return (rows, ledger, debits);
    }

    private static long Take(List<Row> rows, long amount, Action<Row, long> note)
    {
        var rest = amount;
        foreach (var row in rows)
        {
            if (rest == 0)
            {
                break;
            }

            var taken = Math.Min(row.PiBalance, rest);
            row.PiBalance -= taken;
            rest -= taken;
            note(row, taken);
        }

        return amount - rest;
    }

    private static void Credit(Row row, long cents, string code)
    {
        row.Credit = (row.Credit ?? 0) + cents;
        row.Balance -= cents;
        row.Code = row.Code is null ? code : $"{row.Code},{code}";
    }

    private static int Number(string month) =>
        (int.Parse(month[..4], provider: null) * 12) + int.Parse(month[5..], provider: null);

    private static string Entry(string first, long initial, long used, long later) =>
        $"{first} {initial} {used} {later}";
}
