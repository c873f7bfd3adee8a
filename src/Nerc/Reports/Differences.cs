using Exchange.Nerc.Steps;

namespace Exchange.Nerc;

/// <summary>
/// Every cell in which the corrected reports differ from those of today, with its cause. The fixes are switched on one
/// after the other, and what changes with a fix is put down to it; so no difference can be left without a cause.
/// </summary>
internal static class Differences
{
    private const string Absent = "(no such row)";
    private const string Present = "(row)";

    public static NercReport Of(NercSources sources)
    {
        List<(IReadOnlyList<NercReport> Reports, string Cause)> runs = [];
        var fixes = Fix.None;
        foreach (var (fix, cause) in Fixes.InOrder)
        {
            // Today's reports, but for what would stop them: there would be none to compare.
            fixes |= fix;
            runs.Add((NercReports.Of(NercPipeline.Run(sources, fixes)), cause));
        }

        List<NercReport.ReportRow> rows = [.. Stopped(sources)];
        for (var report = 0; report < runs[0].Reports.Count; report++)
        {
            var place = report;
            rows.AddRange(OfReport(
                [.. runs.Select(run => (Indexed(run.Reports[place]), run.Cause))], runs[0].Reports[place]));
        }

        return new(
            $"differences {sources.Month}.csv", ["report", "row", "column", "compatible", "corrected", "cause"], rows);
    }

    private static IEnumerable<NercReport.ReportRow> Stopped(NercSources sources)
    {
        var named = ColdFrontNames.Apply(sources, ServiceLines.Load(sources, Fix.All), Fix.All);
        var projects = ColdFrontNames.Unknown(sources, named).Select(project => (project, "(billed without a PI)"));
        var hours = named.Where(line => line.Hours is { } hours && !decimal.IsInteger(hours))
            .Select(line => (line.Source, "(hours as they are)"));
        return projects.Concat(hours).Select(stop => new NercReport.ReportRow(
            stop.Item1, ["(all)", stop.Item1, null, "(the month stops)", stop.Item2, Fixes.InOrder[0].Cause]));
    }

    private static IEnumerable<NercReport.ReportRow> OfReport(
        IReadOnlyList<(Dictionary<string, NercReport.ReportRow> Rows, string Cause)> runs, NercReport report)
    {
        var (today, corrected) = (runs[0].Rows, runs[^1].Rows);
        foreach (var key in today.Keys.Union(corrected.Keys))
        {
            var (before, after) = (today.GetValueOrDefault(key), corrected.GetValueOrDefault(key));
            if (before is null || after is null)
            {
                yield return Difference(
                    report, key, null, before is null ? Absent : Present, after is null ? Absent : Present,
                    Causes(runs, rows => rows.ContainsKey(key) ? Present : Absent));
                continue;
            }

            for (var i = 0; i < report.Columns.Count; i++)
            {
                if (before.Cells[i] != after.Cells[i])
                {
                    var column = i;
                    yield return Difference(
                        report, key, report.Columns[i], before.Cells[i], after.Cells[i],
                        Causes(runs, rows => rows.GetValueOrDefault(key)?.Cells[column]));
                }
            }
        }
    }

    private static string Causes(
        IReadOnlyList<(Dictionary<string, NercReport.ReportRow> Rows, string Cause)> runs,
        Func<Dictionary<string, NercReport.ReportRow>, string?> cell)
    {
        List<string> causes = [];
        for (var i = 1; i < runs.Count; i++)
        {
            if (cell(runs[i - 1].Rows) != cell(runs[i].Rows))
            {
                causes.Add(runs[i].Cause);
            }
        }

        return string.Join("; ", causes);
    }

    private static NercReport.ReportRow Difference(
        NercReport report, string key, string? column, string? compatible, string? corrected, string cause) =>
        new(key, [report.File, key, column, compatible, corrected, cause]);

    /// <summary>Rows by what they are about; a ledger may hold two of one kind, which stay two.</summary>
    private static Dictionary<string, NercReport.ReportRow> Indexed(NercReport report)
    {
        Dictionary<string, NercReport.ReportRow> rows = new(StringComparer.Ordinal);
        foreach (var row in report.Rows)
        {
            var (key, again) = (row.Key, 1);
            while (!rows.TryAdd(key, row))
            {
                key = $"{row.Key} ({++again})";
            }
        }

        return rows;
    }
}
