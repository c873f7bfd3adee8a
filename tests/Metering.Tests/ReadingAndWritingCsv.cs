using System.Globalization;
using System.Text;
using Exchange.Metering.Csv;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>One reader and one writer of CSV for everything: strict in, harmless out.</summary>
public class ReadingAndWritingCsv
{
    private static List<CsvRow> Read(string text, char quote = '"') =>
        [.. CsvFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x.csv", quote, "a", "b")];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [InlineData("a,b\n1,2,3\n", "file/not-csv", 2)]
    [InlineData("a,b\n1,2\n3\n", "file/not-csv", 3)]
    [InlineData("a,b\n\"1\n2\",3\n4\n", "file/not-csv", 4)]
    [InlineData("a,b\n1,\"2\n3,4\n", "file/not-csv", 2)]
    [InlineData("a,b\n1,\"2\"x\n", "file/not-csv", 2)]
    [InlineData("a,c\n1,2\n", "file/not-csv", 1)]
    [InlineData("a,a,b\n1,2,3\n", "file/not-csv", 1)]
    [InlineData("a;b\n1;2\n", "file/not-csv", 1)]
    [InlineData("a,b\r1,2\r3,4\r", "file/not-csv", 1)]
    [InlineData("a,b,c\r1,2,3\n", "file/not-csv", 1)]
    [InlineData("a,b\n1,2\r3,4,5\n", "file/not-csv", 3)]
    public void What_does_not_fit_its_header_is_refused_with_its_line(string text, string code, int line)
    {
        var refusal = Assert.Throws<RefusedException>(() => Read(text)).Refusal;
        Assert.Equal((code, $"x.csv:{line}"), (refusal.Code, refusal.Where));
    }

    [Fact]
    public void Other_encodings_are_refused_and_no_letter_is_replaced()
    {
        foreach (var bytes in new[] { Encoding.Unicode.GetBytes("a,b\nÉ,2\n"), [0xFF, 0xFE, (byte)'a', 0], Encoding.Latin1.GetBytes("a,b\nÉ,2\n") })
        {
            var refusal = Assert.Throws<RefusedException>(() => CsvFile.Read(new MemoryStream(bytes), "x.csv", '"', "a", "b").ToList()).Refusal;
            Assert.StartsWith("file/not-", refusal.Code, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Marks_blank_lines_and_hashes_are_no_rows_or_plain_text() => Assert.Equal(
        ["#1|2", "x\"y|"], Read("\uFEFFa,b\r\n\r\n#1,2\r\nx\"y,\r\n\n").Select(row => $"{row["a"]}|{row["b"]}"));

    /// <summary>Drawn cells of everything that quoting is for, written and read.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_written_is_read(int seed)
    {
        var random = new Random(seed);
        var quote = seed % 2 == 0 ? '"' : '|';
        var rows = Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, 3).Select(_ => string.Concat(
            Enumerable.Range(0, random.Next(6)).Select(_ => ",\"|\n =-+@#é漢x1"[random.Next(14)]))).ToArray()).Where(row => row[0].Length > 0).ToList();
        var text = CsvWriter.Row(["a", "b", "c"], exact: true, quote) + string.Concat(rows.Select(row => CsvWriter.Row(row, exact: true, quote)));
        Assert.Equal(rows, Read(text, quote).Select(row => row.Cells.Select(cell => cell.Value).ToArray()));
    }

    [Theory]
    [InlineData("=1+1", true)]
    [InlineData("@SUM(A1)", true)]
    [InlineData("+1", true)]
    [InlineData("-cmd|' /C calc'!A0", true)]
    [InlineData("-1+1", true)]
    [InlineData("-A1", true)]
    [InlineData("\uFF1D1+1", true)]
    [InlineData("-12.34", false)]
    [InlineData("-1,234.56 USD", false)]
    [InlineData("-1E-7", false)]
    [InlineData("plain", false)]
    [InlineData("a=b", false)]
    [InlineData("", false)]
    public void A_formula_gets_a_mark_and_a_number_does_not(string cell, bool marked)
    {
        var row = Assert.Single(Read("a,b\n" + CsvWriter.Row(["x", cell], exact: false)));
        Assert.Equal(marked ? $"'{cell}" : cell, row["b"] ?? "");
        Assert.Equal(cell, Assert.Single(Read("a,b\n" + CsvWriter.Row(["x", cell], exact: true)))["b"] ?? "");
    }

    /// <summary>Seen to fail: read by semicolons, tabs or lines, a cell began in the middle of one of ours.</summary>
    [Theory]
    [InlineData("x;=1+1", "x;'=1+1")]
    [InlineData("x;-5;+6", "x;-5;'+6")]
    [InlineData("x; \"=HYPERLINK(\"\"http://evil\"\")", "x;' \"=HYPERLINK(\"\"http://evil\"\")")]
    [InlineData("a\tb\t@SUM(A1)", "a\tb\t'@SUM(A1)")]
    [InlineData("note\r\n=cmd|' /C calc'!A0", "note\r\n'=cmd|' /C calc'!A0")]
    [InlineData("\t=1", "'\t'=1")]
    [InlineData("=1;=2", "'=1;'=2")]
    [InlineData("a;b;-1.50;", "a;b;-1.50;")]
    [InlineData("one\ntwo", "one\ntwo")]
    public void A_formula_gets_a_mark_wherever_a_cell_could_begin(string cell, string written)
    {
        Assert.Equal(written, Assert.Single(Read("a,b\n" + CsvWriter.Row(["x", cell], exact: false)))["b"]);
        Assert.Equal(cell, Assert.Single(Read("a,b\n" + CsvWriter.Row(["x", cell], exact: true)))["b"]);
    }

    [Fact]
    public async Task A_writer_of_many_rows_writes_what_a_row_alone_is()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        await using (var csv = new CsvWriter(text, exact: false))
        {
            await csv.Add(["a", "b"]);
            await csv.Add(["=1", "-2"]);
            Assert.Equal(1, csv.Count);
        }

        Assert.Equal("a,b\n\"'=1\",-2\n", text.ToString());
    }
}
