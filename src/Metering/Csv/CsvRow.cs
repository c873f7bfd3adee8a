using System.Globalization;

namespace Exchange.Metering.Csv;

/// <summary>One row by the names of its columns, and the line that it starts on.</summary>
public sealed class CsvRow
{
    private readonly CsvFile _file;
    private readonly string[] _cells;

    internal CsvRow(CsvFile file, int line, string[] cells) => (_file, Line, _cells) = (file, line, cells);

    public int Line { get; }

    public string Where => string.Create(CultureInfo.InvariantCulture, $"{_file.Name}:{Line}");

    /// <summary>The row as it can be shown: its cells, in the order of the file.</summary>
    public string Raw => string.Join(',', _cells);

    /// <summary>Each cell with the name of its column; of a name that is there twice, the first.</summary>
    public IEnumerable<KeyValuePair<string, string>> Cells => _file.Header
        .Select((name, place) => KeyValuePair.Create(name, _cells[place]))
        .Where((cell, place) => _file.PlaceOf(cell.Key) == place);

    /// <summary>The cell, or null when it is empty or the file has no such column.</summary>
    public string? this[string column] =>
        _file.PlaceOf(column) is { } place && _cells[place].Length > 0 ? _cells[place] : null;
}
