using Exchange.Metering.Csv;

namespace Exchange.Rating;

/// <summary>A CSV file in memory, whose rows can be asked for more than once.</summary>
public sealed class CsvTable
{
    private readonly CsvFile _csv;

    private CsvTable(CsvFile csv, IReadOnlyList<CsvRow> rows) => (_csv, Rows) = (csv, rows);

    public string File => _csv.Name;
    public IReadOnlyList<string> Header => _csv.Header;
    public IReadOnlyList<CsvRow> Rows { get; }

    public bool Has(string column) => _csv.Has(column);

    /// <exception cref="RefusedException">A column is missing, or a row does not fit the header.</exception>
    public static CsvTable Parse(string text, string file, char quote, params ReadOnlySpan<string> required)
    {
        using var csv = CsvFile.Open(new StringReader(text), file, quote, required);
        return new(csv, [.. csv.Rows()]);
    }
}
