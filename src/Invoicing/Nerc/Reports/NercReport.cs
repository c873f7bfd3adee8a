using System.Globalization;
using System.Text;

namespace Exchange.Invoicing.Nerc;

/// <summary>A report as words: its file's name, its columns, and its rows with what each is about.</summary>
public sealed record NercReport(string File, IReadOnlyList<string> Columns, IReadOnlyList<NercReport.Row> Rows)
{
    /// <param name="Key">What the row is about, in every run: a line of a file, a PI, a group.</param>
    public sealed record Row(string Key, IReadOnlyList<string?> Cells);

    /// <summary>The report as CSV.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        Append(csv, Columns);
        foreach (var row in Rows)
        {
            Append(csv, row.Cells);
        }

        return csv.ToString();
    }

    private static void Append(StringBuilder csv, IReadOnlyList<string?> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            csv.Append(i == 0 ? "" : ",").Append(Quoted(cells[i] ?? ""));
        }

        csv.Append('\n');
    }

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>How values stand in NERC's reports.</summary>
internal static class Written
{
    public static string? Of(Money? money) => money?.Amount.ToString("0.00", CultureInfo.InvariantCulture);

    public static string? Whole(decimal? number) => number is { } value ? Text.Of(value) : null;

    /// <summary>A rate has thirteen decimals, or more when it needs more.</summary>
    public static string? Rate(decimal? rate) =>
        rate?.ToString("0.0000000000000###############", CultureInfo.InvariantCulture);
}
