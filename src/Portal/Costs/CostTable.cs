using System.Text;
using Exchange.Invoicing.Exports;
using Exchange.Metering.Csv;

namespace Exchange.Portal.Costs;

/// <summary>A report as a table of text, for files and for terminals.</summary>
internal static class CostTable
{
    public static IReadOnlyList<string> Headings(CostReport report) =>
    [
        .. report.Query.GroupBy.SelectMany(one => one == CostDimension.Project
            ? (string[])["project", "project_name"] : [one.Name()]),
        "cost", "credits", "net", "quantity", "unit",
        .. report.Before is null ? Array.Empty<string>() : ["net_before", "change"],
    ];

    public static IEnumerable<IReadOnlyList<string>> Rows(CostReport report) =>
        report.Rows.Select(one => Row(report, one));

    /// <summary>The same as a file; cells that a spreadsheet would run are marked.</summary>
    public static string Csv(CostReport report)
    {
        var text = new StringBuilder(CsvWriter.Row(Headings(report), exact: false, end: "\r\n"));
        foreach (var row in Rows(report))
        {
            text.Append(CsvWriter.Row(row, exact: false, end: "\r\n"));
        }

        return text.ToString();
    }

    /// <summary>The same with typed columns; what is empty is null.</summary>
    public static async Task Parquet(CostReport report, Stream stream, CancellationToken ct)
    {
        await using var table = await ParquetTable.Begin(
            stream, Headings(report).Select(name => (name, IsNumber(name) ? ParquetKind.Number : ParquetKind.Text)), "",
            ct);
        foreach (var row in Rows(report))
        {
            await table.Add(row, ct);
        }

        await table.Finish(ct);
    }

    private static bool IsNumber(string heading) =>
        heading is "cost" or "credits" or "net" or "quantity" or "net_before" or "change";

    /// <summary>How much was used, of each unit.</summary>
    public static string Usage(CostFigures figures, string between = "; ") =>
        string.Join(between, figures.Usage.Select(quantity => quantity.ToString()));

    private static IReadOnlyList<string> Row(CostReport report, ComparedCost one)
    {
        var (row, figures) = (one.Row, one.Row.Figures);
        return
        [
            .. row.Keys.SelectMany((key, i) => report.Query.GroupBy[i] == CostDimension.Project
                ? (string[])[key, row.Title] : [key]),
            figures.Cost.Plain, figures.Credits.Plain, figures.Net.Plain,
            figures.Usage is [var only] ? Exchange.Text.Of(only.Amount) : "",
            figures.Usage is [var single] ? single.Unit.Name : Usage(figures),
            .. one.Before is { } before ? (string[])[before.Net.Plain, one.Change!.Value.Plain] : [],
        ];
    }
}
