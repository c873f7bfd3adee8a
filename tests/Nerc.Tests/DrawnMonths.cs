using System.Text.Json;
using Exchange.Testing;
using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>
/// Months drawn from a seed: aliases, several PIs a name, prepay groups with windows and balances, overrides, courses,
/// PIs in their first, second and later months, at the boundaries of every programme. Seen to fail when the second
/// month of a credit, the end of a prepay window, the subsidy's bound, or the order of codes was changed.
/// </summary>
public class DrawnMonths
{
    private static readonly string[] Months =
        ["2024-08", "2024-09", "2024-10", "2025-05", "2025-06", "2025-10", "2025-12", "2026-01"];

    private static readonly string[] Pis =
    [
        "ada@bu.edu", "bob@bu.edu", "cy@mit.edu", "dee@harvard.edu", "eve@seas.harvard.edu", "fay@meei.harvard.edu",
        "gus@uri.edu", "hal@redhat.com", "zoë@bu.edu", "ivy@nowhere.example", "who",
    ];

    private static readonly string[] Sus =
    [
        "OpenStack CPU", "OpenShift CPU", "OpenStack GPUA100", "OpenShift GPUA100SXM4", "OpenShift GPUH100",
        "OpenStack GPUH100", "BM GPUH100", "BM FC430", "OpenStack Storage", "OpenShift NESE Storage",
    ];

    private static readonly string[] Clusters = ["stack", "ocp-prod", "academic", "ocp-test", "barcelona", "bm"];
    private static readonly string[] Names =
    [
        "lab", "Lab", "deep-sea", "génome", "курс", "x", "a, b", "say \"hi\"", "two\nlines", " blanks ", "p|q", "|r|",
        "-", "研究", "O'Neill & co", "'quoted'",
    ];

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 8, many: 200));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Come_to_what_the_description_says_step_by_step(int seed)
    {
        for (var i = 0; i < 10; i++)
        {
            Compare(Draw(new Random((seed * 100) + i)));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Corrected_add_up_and_explain_every_cell_that_differs(int seed)
    {
        var sources = CaseOf(Draw(new Random(seed))).Sources;
        var (today, corrected) = (NercPipeline.Run(sources, Fix.None), NercPipeline.Run(sources, Fix.All));
        Assert.All(corrected.Lines, line =>
        {
            Assert.Equal(line.Cost, line.Balance + (line.Credit ?? Money.Zero) + (line.GroupUsed ?? Money.Zero));
            Assert.Equal(line.Balance, line.PiBalance + line.Subsidy);
            Assert.True(line.PiBalance >= Money.Min(line.Cost, Money.Zero));
            Assert.True(line.IsBillable || line.GroupUsed is null);
        });

        var differences = Differences.Of(sources).Rows;
        Assert.All(differences, row => Assert.Contains(
            Fixes.InOrder.Select(one => one.Cause), cause => row.Cells[5]!.Contains(cause, StringComparison.Ordinal)));
        Assert.Equal(Shown(today).Except(Shown(corrected)).Any() || Shown(corrected).Except(Shown(today)).Any(),
            differences.Count > 0);
    }

    private static IEnumerable<string> Shown(NercOutcome month) => NercReports.Of(month).SelectMany(report =>
        report.Rows.Select(row => $"{report.File}|{row.Key}|{string.Join('|', row.Cells)}"));

    private static void Compare(DrawnMonth drawn)
    {
        var (rows, ledger, debits) = StraightLine.Run(drawn);
        var month = CaseOf(drawn);
        var came = month.Run();
        Assert.Equal(
            rows.Select(r => (r.Line.Project, r.Pi, r.Institution, r.Billable, r.Credit, r.Code, r.Subsidy, r.PiBalance,
                r.Balance, r.Charge, r.Group, r.GroupBalance, r.GroupUsed)),
            came.Lines.Select(l => (l.Allocation, l.Pi, l.Institution ?? "", l.IsBillable, l.Credit?.Cents,
                l.CreditCode,
                l.Subsidy.Cents, l.PiBalance.Cents, l.Balance.Cents, l.LenovoCharge.Cents, l.Group,
                l.GroupBalance?.Cents, l.GroupUsed?.Cents)));
        Assert.Equal(
            ledger.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key} {e.Value}"),
            came.Ledger.Entries.OrderBy(e => e.Pi, StringComparer.Ordinal).Select(e =>
                $"{e.Pi} {e.FirstMonth} {e.Initial?.Cents} {e.FirstUsed?.Cents} {e.SecondUsed?.Cents}"));
        Assert.Equal(
            debits.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, d.Value)),
            came.Debits.Where(d => d.Month == drawn.Name).OrderBy(d => d.Group, StringComparer.Ordinal)
                .Select(d => (d.Group, d.Amount.Cents)));
        Reports(rows, month);
    }

    /// <summary>Which lines each report lists, and in which order.</summary>
    private static void Reports(List<StraightLine.Row> rows, NercCase month)
    {
        var billed = rows.Where(r => r.Billable && r.Pi is not null).ToList();
        Lists("nonbillable", rows.Where(r => !r.Billable));
        Lists("billable", billed);
        Lists("NERC-", billed.Where(r => r.Managed == "YES" || r.Institution is
            "Boston University" or "Harvard University" or "University of Rhode Island"));
        Lists("MOCA", rows.Where(r => r.Managed == "NO"));
        Lists("OCP_TEST", rows.Where(r => r.Line.Cluster == "ocp-test"));
        Assert.Equal(
            rows.Where(r => r.Line.Su is "OpenShift GPUA100SXM4" or "OpenShift GPUH100" or "BM GPUH100")
                .Select(r => $"{r.Line.Su}|{Dollars(r.Charge)}"),
            month.Report("Lenovo", Fix.None, "SU Type", "Charge"));
        Assert.Equal(
            billed.Where(r => r.Institution == "Boston University").GroupBy(r => r.Stem).Select(of => string.Join(
                '|', of.First().Pi, of.Key, of.First().Group, Dollars(of.First().GroupUsed),
                    Dollars(of.Sum(r => r.Line.Cents)),
                Dollars(of.Sum(r => r.Credit ?? 0)), Dollars(of.Sum(r => r.Subsidy)),
                    Dollars(of.Sum(r => r.PiBalance)))),
            month.Report(
                "BU_Internal", Fix.None, "Manager (PI)", "Project", "Prepaid Group Name", "Prepaid Group Used", "Cost",
                "Credit", "Subsidy", "Balance"));

        void Lists(string report, IEnumerable<StraightLine.Row> expected) => Assert.Equal(
            expected.Select(r => $"{r.Line.Project}|{r.Pi}|{r.Line.Cluster}|{Dollars(r.Line.Cents)}"),
            month.Report(report, Fix.None, "Project - Allocation", "Manager (PI)",
                report == "MOCA" ? "Manager (PI)" : "Cluster Name", "Cost").Select((row, i) => report == "MOCA"
                    ? string.Join('|', row.Split('|') is [.. var p, var pi, _, var cost]
                        ? [.. p, pi, expected.ElementAt(i).Line.Cluster, cost] : [])
                    : row));
    }

    private static string Dollars(long? cents) => cents is { } known ? $"{new Money(known).Amount:0.00}" : "";

    internal static NercCase CaseOf(DrawnMonth drawn)
    {
        var month = new NercCase(drawn.Name);
        foreach (var l in drawn.Lines)
        {
            month.Line(
                l.Project, l.Pi, Text.Of(new Money(l.Cents).Amount), l.Su, l.Cluster, $"{l.Hours}", l.Course);
        }

        month.Ledger([.. drawn.Ledger.Select(e =>
            $"{e.Key},{e.Value.First},{Dollars(e.Value.Initial)},{Dollars(e.Value.Used)},0")]);
        month.With(NercRole.Aliases, string.Concat(drawn.Aliases.Select(a => $"{a.Pi},{a.Alias}\n")));
        month.With(NercRole.NonbillablePis, string.Concat(drawn.FreePis.Select(pi => $"- username: {pi}\n")) +
            string.Concat(drawn.FreeSus.Select(of => $"- username: {of.Key}\n  non_billed_su_types:\n" +
                string.Concat(of.Value.Select(su => $"  - name: {su}\n")))));
        month.With(NercRole.NonbillableProjects, string.Concat(drawn.Projects.Select(Entry)));
        foreach (var group in drawn.Groups)
        {
            month.Append(NercRole.PrepayContacts, "Group Name,Group Contact Email,MGHPCC Managed",
                $"{group.Name},{group.Contact},{group.Managed}");
            month.Append(NercRole.PrepayCredits, "Month,Group Name,Credit",
                $"2024-01,{group.Name},{Dollars(group.Credited - 100)}", $"{drawn.Name},{group.Name},1.00",
                $"2027-01,{group.Name},500");
            month.Append(NercRole.PrepayDebits, "Month,Group Name,Debit",
                $"2024-02,{group.Name},{Dollars(group.Debited)}");
            month.Append(NercRole.PrepayProjects, "Group Name,Project,Start Date,End Date",
                [.. group.Projects.Select(p => $"{group.Name},{Quoted(p.Project, '"')},{p.From},{p.To}")]);
        }

        return month;
    }

    private static string Quoted(string text, char quote) =>
        $"{quote}{text.Replace($"{quote}", $"{quote}{quote}")}{quote}";

    /// <summary>JSON is YAML: a name in any letters is written as its text there.</summary>
    private static string Entry(DrawnEntry entry)
    {
        var yaml = $"- name: " +
            $"{JsonSerializer.Serialize(entry.Name)}\n" + (entry.Billable ? "  is_billable: true\n" : "");
        string Period(string indent) => (entry.From is { } from ? $"{indent}start: {from}\n" : "") +
            (entry.To is { } to ? $"{indent}end: {to}\n" : "");
        return entry.Cluster is { } cluster
            ? $"{yaml}  clusters:\n  - name: {cluster}\n{Period("    ")}"
            : yaml + Period("  ");
    }

    internal static DrawnMonth Draw(Random random)
    {
        T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
        bool Chance(int percent) => random.Next(100) < percent;

        var name = One(Months);
        var number = BillingMonth.Parse(name);
        (string Pi, string Alias)[] aliases = Chance(60)
            ? [("ada@bu.edu", "ada2@bu.edu"), ("cy@mit.edu", "cy@old.example"), ("cy@old.example", "cy@older.example"),
                ("middle@bu.edu", "first@harvard.edu"), ("last@mit.edu", "middle@bu.edu")] : [];
        var people = Pis.Concat(aliases.Select(a => a.Alias)).ToList();
        Dictionary<(string, string), (string? Pi, bool Course)> owners = [];
        var lines = Enumerable.Range(0, random.Next(0, 25)).Select(_ =>
        {
            var (project, cluster) = ($"{One(Names)}{(Chance(80) ? $"-{random.Next(3)}" : "")}", One(Clusters));
            if (!owners.TryGetValue((project, cluster), out var owner))
            {
                owners[(project, cluster)] = owner = (Chance(8) ? null : One(people), Chance(15));
            }

            var cents = Chance(10) ? 0 : Chance(5) ? -random.Next(1, 60_000)
                : One<long>([random.Next(1, 500), random.Next(1, 20_000), random.Next(1, 150_000), 100_000, 10_000]);
            return new DrawnLine(project, owner.Pi, cluster, One(Sus), random.Next(1, 2000), cents, owner.Course);
        }).ToArray();

        var ledger = Pis.Where(_ => Chance(50)).ToDictionary(pi => pi, _ =>
        {
            var first = number.Plus(-One([0, 0, 1, 1, 1, 2, 3, 14]));
            var initial = One<long>([0, 100_000, 100_000, 50_000]);
            return (first.ToString(), initial, Chance(30) ? initial : initial * random.Next(0, 100) / 100);
        });
        var projects = lines.Select(line => line.Project).Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(_ => Chance(20)).Select(project => Chance(50)
                ? new DrawnEntry(Chance(50) ? project.ToUpperInvariant() : project, null, false)
                : new DrawnEntry(project, One(Clusters), Chance(40)))
            .Select(entry => Chance(60) ? entry : entry with
            {
                From = number.Plus(-One([-1, 0, 1, 9])).ToString(),
                To = Chance(70) ? number.Plus(One([-1, 0, 1, 9])).ToString() : null,
            }).ToArray();
        var groups = new[] { "G1", "G2", "Grüppe" }.Where(_ => Chance(60)).Select(group => new DrawnGroup(
            group, One(["pay@bu.edu", "pay@mit.edu", "pay@x.example"]), One(["Yes", "yes", "no", "No", "YES"]),
            One<long>([100, 5_000, 30_000, 500_000]), Chance(50) ? 100 : 0,
            [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => (
                One(Names),
                number.Plus(-One([0, 0, 1, 9])).ToString(), number.Plus(One([-1, 0, 0, 1, 9])).ToString()))]))
                    .ToArray();
        return new(
            name, lines, aliases, [.. Pis.Where(_ => Chance(8))],
            Pis.Where(_ => Chance(12)).ToDictionary(pi => pi, _ => Sus.Where(_ => Chance(30)).ToArray()),
            projects, ledger, groups);
    }
}
