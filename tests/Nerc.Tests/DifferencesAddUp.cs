using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>
/// The list of differences is the whole of them: today's reports of drawn months, with each listed difference made, are
/// the corrected ones, and the money that is listed adds up to the difference of each report. Seen to fail with a
/// column left out, with rows that come or go left out, and with the last fix left out.
/// </summary>
public class DifferencesAddUp
{
    private const string Present = "(row)";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void To_the_corrected_reports(int seed)
    {
        var sources = DrawnMonths.CaseOf(DrawnMonths.Draw(new Random(seed))).Sources;

        // Today's reports, but for what would stop them: there would be none.
        var today = NercReports.Of(NercPipeline.Run(sources, Fix.NothingStops)).Select(Cells).ToList();
        var corrected = NercReports.Of(NercPipeline.Run(sources, Fix.All)).Select(Cells).ToList();
        var listed = Differences.Of(sources).Rows.Where(row => row.Cells[0] != "(all)")
            .ToLookup(row => row.Cells[0]!, row => row.Cells);
        Assert.Equal(today.Select(report => report.File), corrected.Select(report => report.File));
        Assert.Empty(listed.Select(of => of.Key).Except(today.Select(report => report.File)));
        foreach (var (before, after) in today.Zip(corrected))
        {
            var made = before.Rows.ToDictionary(row => row.Key, row => row.Value.ToDictionary());
            foreach (var cells in listed[before.File])
            {
                Make(cells, made, after.Rows);
            }

            Assert.Equal(Written(after.Rows), Written(made));
            Assert.Equal(
                Sum(after.Rows) - Sum(before.Rows),
                listed[before.File].Where(cells => cells[2] is not null)
                    .Sum(cells => Amount(cells[2]!, cells[4]) - Amount(cells[2]!, cells[3])) +
                listed[before.File].Where(cells => cells[2] is null).Sum(cells => cells[4] == Present
                    ? Of(after.Rows[cells[1]!]) : -Of(before.Rows[cells[1]!])));
        }
    }

    private static void Make(
        IReadOnlyList<string?> cells, Dictionary<string, Dictionary<string, string?>> made,
        Dictionary<string, Dictionary<string, string?>> corrected)
    {
        var (row, column, before, after) = (cells[1]!, cells[2], cells[3], cells[4]);
        if (column is not null)
        {
            Assert.Equal(made[row][column], before);
            made[row][column] = after;
        }
        else if (after == Present)
        {
            made.Add(row, corrected[row]);
        }
        else
        {
            Assert.Equal(Present, before);
            Assert.True(made.Remove(row));
        }
    }

    private static (string File, Dictionary<string, Dictionary<string, string?>> Rows) Cells(NercReport report)
    {
        Dictionary<string, Dictionary<string, string?>> rows = [];
        foreach (var row in report.Rows)
        {
            // Two entries of a ledger may be of one kind; the second is told apart by its number.
            var same = rows.Keys.Count(key => key == row.Key ||
                key.StartsWith($"{row.Key} (", StringComparison.Ordinal) &&
                int.TryParse(key[(row.Key.Length + 2)..^1], out _));
            rows.Add(
                same == 0 ? row.Key : $"{row.Key} ({same + 1})",
                report.Columns.Zip(row.Cells).ToDictionary(cell => cell.First, cell => cell.Second));
        }

        return (report.File, rows);
    }

    private static IEnumerable<string> Written(Dictionary<string, Dictionary<string, string?>> rows) => rows
        .Select(row => $"{row.Key}: {string.Join(", ", row.Value.Select(cell => $"{cell.Key}={cell.Value}"))}")
        .Order(StringComparer.Ordinal);

    private static decimal Sum(Dictionary<string, Dictionary<string, string?>> rows) => rows.Values.Sum(Of);

    private static decimal Of(Dictionary<string, string?> row) => row.Sum(cell => Amount(cell.Key, cell.Value));

    private static decimal Amount(string column, string? cell) => column is
        "Cost" or "Credit" or "Balance" or "PI Balance" or "Subsidy" or "Charge" or "Prepaid Group Used" or "Debit"
            ? decimal.TryParse(cell, out var amount) ? amount : 0
            : 0;
}
