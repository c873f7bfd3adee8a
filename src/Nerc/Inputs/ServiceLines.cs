using Exchange.Metering.Csv;
using Exchange.Rating;

namespace Exchange.Nerc;

/// <summary>The service invoices of a month, one after the other: already rated lines, quoted with '|'.</summary>
public static class ServiceLines
{
    private const char Quote = '|';

    private static readonly string[] Required =
    [
        "Invoice Month", "Project - Allocation", "Project - Allocation ID", "Manager (PI)", "Cluster Name",
        "Invoice Email", "Invoice Address", "Institution", "Institution - Specific Code", "SU Hours (GBhr or SUhr)",
        "SU Type", "Rate", "Cost",
    ];

    /// <exception cref="RefusedException">A file is not CSV, or a column is in none of them.</exception>
    public static IReadOnlyList<CsvTable> Tables(IEnumerable<NercFile> files)
    {
        List<NercFile> given = [.. files];
        if (given.GroupBy(file => file.Text, StringComparer.Ordinal)
            .FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new RefusedException(new("nerc/file-twice",
                "Two service invoices hold the same lines, so everything in them would be billed twice. Name the " +
                "file once.", string.Join(", ", twice.Select(file => file.Name))));
        }

        List<CsvTable> tables = [.. given.Select(file => CsvTable.Parse(file.Text, file.Name, Quote))];
        foreach (var table in tables)
        {
            RefuseMisspelt(table);
        }

        var missing = Required.Where(column => !tables.Exists(table => table.Has(column))).ToList();
        if (missing.Count > 0)
        {
            throw new RefusedException(new(
                "nerc/missing-columns",
                $"The service invoices lack {string.Join(", ", missing.Select(column => $"'{column}'"))}. " +
                "Export them again with every column.", string.Join(", ", tables.Select(table => table.File))));
        }

        foreach (var row in tables.SelectMany(table => table.Rows))
        {
            Line(row, Fix.All); // Whatever is wrong with a line is said when the file is taken in.
        }

        return tables;
    }

    /// <summary>
    /// A file may lack columns that others have; but a column of nearly the same name is the same column, whose cells
    /// would be taken for empty.
    /// </summary>
    private static void RefuseMisspelt(CsvTable table)
    {
        foreach (var column in Required.Where(column => !table.Has(column)))
        {
            if (table.Header.FirstOrDefault(name => Letters(name) == Letters(column)) is { } other)
            {
                throw new RefusedException(new("nerc/misspelt-column",
                    $"Column '{other}' is spelt '{column}' in the other files; its cells would count as empty. " +
                    "Correct the header.", $"{table.File}:1"));
            }
        }

        static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
    }

    public static IReadOnlyList<NercLine> Load(NercSources sources, Fix fixes) =>
        [.. sources.Services.SelectMany(table => table.Rows).Select(row => Line(row, fixes))];

    private static NercLine Line(CsvRow row, Fix fixes)
    {
        var exact = fixes.HasFlag(Fix.ReadDecimals);
        var cost = Cells.Number(row, "Cost") ?? throw new RefusedException(new(
            "nerc/empty-cell", "The line has no cost. Have its file made again, or take the line out.", row.Where));
        return new()
        {
            Source = row.Where,
            Month = row["Invoice Month"],
            Allocation = row["Project - Allocation"] ?? row["Project - Allocation ID"] ?? "",
            AllocationId = row["Project - Allocation ID"],
            Pi = Cells.Words(row, "Manager (PI)"),
            Cluster = row["Cluster Name"],
            Email = Cells.Words(row, "Invoice Email"),
            Address = Cells.Words(row, "Invoice Address"),
            Institution = Cells.Words(row, "Institution"),
            Code = Cells.Words(row, "Institution - Specific Code"),
            Hours = Hours(row, fixes.HasFlag(Fix.NothingStops)),
            SuType = row["SU Type"] ?? "",
            Rate = Cells.Number(row, "Rate") is { } rate ? exact ? rate : BinaryLoad.Round(rate, 13) : null,
            Cost = Money.Round(exact ? cost : BinaryLoad.Round(cost, 2)),
        };
    }

    private static decimal? Hours(CsvRow row, bool anyPart)
    {
        var hours = Cells.Number(row, "SU Hours (GBhr or SUhr)");
        return anyPart || hours is null || decimal.IsInteger(hours.Value)
            ? hours
            : throw new RefusedException(new(
                "nerc/hours-not-whole",
                $"{hours} SU hours are not a whole number, which stops the present pipeline. Round them up in the " +
                "file, or export with --policies corrected.", row.Where));
    }
}
