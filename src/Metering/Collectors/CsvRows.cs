using System.Globalization;
using System.Text;

namespace Exchange.Metering.Collectors;

/// <summary>One row of a CSV file by the names of its columns, and the line that it starts on.</summary>
internal sealed record CsvRow(string File, int Line, IReadOnlyDictionary<string, string> Cells)
{
    public string? this[string column] => Cells.TryGetValue(column, out var cell) && cell.Length > 0 ? cell : null;

    public string Where => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");

    /// <summary>The row as it can be shown: its cells, in the order of the file.</summary>
    public string Raw => string.Join(',', Cells.Values);
}

/// <summary>
/// Reads CSV files with a header, one row at a time. A cell is quoted when its first character is the quote; inside
/// it, commas
/// and line ends are text and a quote written twice is one. Quotes elsewhere are text.
/// </summary>
internal sealed class CsvRows
{
    private const int LongestCell = 1 << 20;

    private readonly TextReader _text;
    private readonly string _file;
    private readonly char _quote;
    private readonly StringBuilder _cell = new();
    private int _line = 1;

    private CsvRows(TextReader text, string file, char quote) => (_text, _file, _quote) = (text, file, quote);

    /// <exception cref="RefusedException">The file has no header, or lacks a column that must be there.</exception>
    public static IEnumerable<CsvRow> Read(Stream stream, string file, char quote, params string[] required)
    {
        using var text = new StreamReader(stream, Encoding.UTF8);
        foreach (var row in new CsvRows(text, file, quote).Rows(required))
        {
            yield return row;
        }
    }

    private IEnumerable<CsvRow> Rows(string[] required)
    {
        var header = Next()?.ConvertAll(name => name.Trim()) ?? throw Refuse("it is empty");
        if (Array.Find(required, column => !header.Contains(column)) is { } missing)
        {
            throw Refuse($"column '{missing}' is missing");
        }

        for (var line = _line; Next() is { } values; line = _line)
        {
            if (values is [""])
            {
                continue;
            }

            Dictionary<string, string> cells = new(StringComparer.Ordinal);
            for (var i = 0; i < header.Count && i < values.Count; i++)
            {
                cells.TryAdd(header[i], values[i]);
            }

            yield return new(_file, line, cells);
        }
    }

    private List<string>? Next()
    {
        if (Peek() < 0)
        {
            return null;
        }

        List<string> cells = [];
        while (true)
        {
            cells.Add(Cell());
            switch (Read())
            {
                case ',':
                    break;
                case '\r' when Peek() == '\n':
                    Read();
                    return cells;
                default:
                    return cells;
            }
        }
    }

    /// <summary>Reads up to the comma or the line end behind the cell.</summary>
    private string Cell()
    {
        _cell.Clear();
        if (Peek() == _quote)
        {
            Read();
            Quoted();
        }

        while (Peek() is >= 0 and not (',' or '\n' or '\r'))
        {
            Append(Read());
        }

        return _cell.ToString();
    }

    private void Quoted()
    {
        while (true)
        {
            var next = Read();
            if (next < 0)
            {
                throw Refuse("a quoted cell never ends");
            }

            if (next == _quote)
            {
                if (Peek() != _quote)
                {
                    return;
                }

                Read();
            }

            Append(next);
        }
    }

    private void Append(int next)
    {
        if (_cell.Length >= LongestCell)
        {
            throw Refuse("a cell is longer than a million characters");
        }

        _cell.Append((char)next);
    }

    private int Read()
    {
        var next = _text.Read();
        _line += next == '\n' ? 1 : 0;
        return next;
    }

    private int Peek() => _text.Peek();

    private RefusedException Refuse(string why) => new(new(
        "file/not-csv", $"This is not a CSV file of this format: {why}. Check the file and its header.",
        string.Create(CultureInfo.InvariantCulture, $"{_file}:{_line}")));
}
