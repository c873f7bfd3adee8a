using Exchange.Rating;
using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>
/// The same month in files that look otherwise: other line ends, a byte order mark, quotes where none are needed,
/// columns in another order or more of them, one file or several, lists that are empty or not there. Nothing that is
/// reported may change. Seen to fail when a byte order mark stayed before YAML.
/// </summary>
public class DisguisedFiles
{
    private static readonly HashSet<NercRole> Tables =
    [
        NercRole.Service, NercRole.PiLedger, NercRole.PrepayContacts, NercRole.PrepayCredits, NercRole.PrepayDebits,
        NercRole.PrepayProjects,
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Come_to_the_same_reports(int seed)
    {
        var month = DrawnMonths.CaseOf(DrawnMonths.Draw(new Random(seed * 7919)));
        var plain = Reports(month.Month, month.Files);
        for (var i = 0; i < 4; i++)
        {
            var random = new Random((seed * 10) + i);
            Assert.Equal(plain, Reports(month.Month, [.. month.Files.SelectMany(file => Disguise(file, random))]));
        }
    }

    [Fact]
    public void Lists_that_are_empty_are_as_good_as_none()
    {
        var month = new NercCase().Line("a-1", "new@mit.edu", "1200").Line("b-1", "ada@bu.edu", "50");
        var none = Reports(month.Month, month.Files);
        var empty = month.Ledger()
            .With(NercRole.Aliases, "").With(NercRole.NonbillablePis, "").With(NercRole.NonbillableProjects, "[]\n")
            .With(NercRole.PrepayContacts, "Group Name,Group Contact Email,MGHPCC Managed\n")
            .With(NercRole.PrepayCredits, "Month,Group Name,Credit\n")
            .With(NercRole.PrepayDebits, "Month,Group Name,Debit\n")
            .With(NercRole.PrepayProjects, "Group Name,Project,Start Date,End Date\n");

        Assert.Equal(none, Reports(empty.Month, empty.Files));
    }

    [Theory]
    [InlineData(NercRole.PiLedger, "")]
    [InlineData(NercRole.PiLedger, "\n\n")]
    [InlineData(NercRole.PrepayDebits, "")]
    [InlineData(NercRole.PrepayContacts, "\uFEFF")]
    public void A_table_of_no_bytes_is_what_a_failed_copy_leaves_and_is_refused(NercRole role, string nothing)
    {
        var refusal = Assert.Throws<RefusedException>(
            () => new NercCase().Line("a-1", "new@mit.edu", "1200").With(role, nothing).Run()).Refusal;
        Assert.Equal(("file/not-csv", role.ToString()), (refusal.Code, refusal.Where));
        Assert.Contains("Fetch it again", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_stands_there_twice_is_billed_twice() => Assert.Equal(
        ["a-1|1200.00|1000.00", "a-1|1200.00|"],
        new NercCase().Line("a-1", "new@mit.edu", "1200").Line("a-1", "new@mit.edu", "1200")
            .Report("billable", Fix.None, "Project - Allocation", "Cost", "Credit"));

    [Theory]
    [InlineData("N/A")]
    [InlineData("")]
    [InlineData("nan")]
    public void Words_that_stand_for_nothing_leave_a_cell_empty(string nothing)
    {
        var month = new NercCase().Line("a-1", "ada@mit.edu", "5");
        List<NercFile> files =
        [
            .. month.Files.Where(file => file.Role is not NercRole.Service and not NercRole.ColdFront),
            new(NercRole.ColdFront, "coldfront.json", "[]"),
            new(NercRole.NonbillableProjects, "projects.yaml", "- name: a-1"),
            new(NercRole.Service, "lines.csv", month.Files[0].Text.Split('\n')[0] +
                $"\n2025-10,a-1,a-1,{nothing},stack,{nothing},{nothing},{nothing},{nothing},1,OpenStack CPU,0.013,5\n"),
        ];

        var line = Assert.Single(NercPipeline.Run(NercSources.Parse(month.Month, files), Fix.None).Lines);

        Assert.Equal((null, null, null, null), (line.Pi, line.Email, line.Address, line.Code));
    }

    private static string Reports(BillingMonth month, IReadOnlyList<NercFile> files) => string.Concat(
        NercReports.Of(NercPipeline.Run(NercSources.Parse(month, files), Fix.None))
            .Select(report => $"{report.File}\n{report.ToCsv()}\n"));

    private static IEnumerable<NercFile> Disguise(NercFile file, Random random)
    {
        if (!Tables.Contains(file.Role))
        {
            return [file with { Text = (random.Next(2) == 0 ? "\uFEFF" : "") + Ended(file.Text, random) }];
        }

        var quote = file.Role == NercRole.Service ? '|' : '"';
        var table = CsvTable.Parse(file.Text, file.Name, quote);
        List<IReadOnlyList<string>> rows =
            [table.Header, .. table.Rows.Select(row => table.Header.Select(column => row[column] ?? "").ToList())];
        var order = Enumerable.Range(0, rows[0].Count).OrderBy(_ => random.Next()).ToList();
        var parts = file.Role == NercRole.Service ? 1 + random.Next(3) : 1;
        var size = Math.Max(1, (rows.Count + parts - 2) / parts);
        return rows.Skip(1).Chunk(size).DefaultIfEmpty([]).Select((some, i) => file with
        {
            Name = $"{i}-{file.Name}",
            Text = (random.Next(2) == 0 ? "\uFEFF" : "") + string.Concat(some.Prepend(rows[0]).Select((row, at) =>
                string.Join(',', order.Select(place => Cell(row[place], quote, random))
                    .Append(at == 0 ? "Generated At" : "2025-11-01T08:00:00Z")) +
                (random.Next(2) == 0 ? "\r\n" : "\n") + (random.Next(9) == 0 ? "\r\n" : ""))),
        });
    }

    private static string Cell(string text, char quote, Random random) =>
        random.Next(2) == 0 || text.AsSpan().IndexOfAny($",\n\r{quote}") >= 0
            ? $"{quote}{text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}"
            : text;

    private static string Ended(string text, Random random) =>
        random.Next(2) == 0 ? text.Replace("\n", "\r\n", StringComparison.Ordinal) : text + "\n";
}
