using System.Globalization;
using Exchange.Metering.Csv;

namespace Exchange.Nerc;

/// <summary>A report as words: its file's name, its columns, and its rows with what each is about.</summary>
public sealed record NercReport(string File, IReadOnlyList<string> Columns, IReadOnlyList<NercReport.ReportRow> Rows)
{
    /// <param name="Key">What the row is about, in every run: a line of a file, a PI, a group.</param>
    public sealed record ReportRow(string Key, IReadOnlyList<string?> Cells);

    /// <summary>The report as CSV.</summary>
    public string ToCsv() => string.Concat(
        Rows.Select(row => row.Cells).Prepend(Columns).Select(cells => CsvWriter.Row(cells, exact: true)));
}

/// <summary>How values stand in NERC's reports.</summary>
internal static class Written
{
    public static string? Of(Money? money) => money?.Plain;

    public static string? Whole(decimal? number) => number is { } value ? Text.Of(value) : null;

    /// <summary>A rate has thirteen decimals, or more when it needs more.</summary>
    public static string? Rate(decimal? rate) =>
        rate?.ToString("0.0000000000000###############", CultureInfo.InvariantCulture);
}
