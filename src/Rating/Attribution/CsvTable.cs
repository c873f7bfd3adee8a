using System.Globalization;
using System.Text;

namespace Exchange.Rating;

/// <summary>
/// A CSV file in memory, read strictly: a row with more or fewer cells than the header has names is refused with its
/// line. A cell is quoted when its first character is the quote; a quote written twice inside it is one.
/// </summary>
public sealed class CsvTable
{
    private readonly Dictionary<string, int> _places;

    private CsvTable(string file, IReadOnlyList<string> header, IReadOnlyList<Row> rows)
    {
        File = file;
        Header = header;
        Rows = rows;
        _places = new(StringComparer.Ordinal);
        for (var i = 0; i < header.Count; i++)
        {
            _places.TryAdd(header[i], i);
        }

        foreach (var row in rows)
        {
            row.Table = this;
        }
    }

    public string File { get; }
    public IReadOnlyList<string> Header { get; }
    public IReadOnlyList<Row> Rows { get; }

    public bool Has(string column) => _places.ContainsKey(column);

    /// <exception cref="RefusedException">A column is missing, or a row does not fit the header.</exception>
    public static CsvTable Parse(string text, string file, char quote, params ReadOnlySpan<string> required)
    {
        var lines = Lines(text.TrimStart('\uFEFF'), quote).Where(line => line.Cells is not [""]).ToList();
        if (lines.Count == 0)
        {
            throw Refuse(
                file, "It is empty: it lacks even the first line, which names its columns. Fetch it again; if there " +
                "is nothing to list, write that line alone, or leave the file out.");
        }

        var header = lines[0].Cells;
        foreach (var column in required)
        {
            if (!header.Contains(column))
            {
                throw Refuse(
                    $"{file}:1", $"Column '{column}' is missing. Its first line is '{string.Join(',', header)}'.");
            }
        }

        foreach (var (cells, line) in lines)
        {
            if (cells.Count != header.Count)
            {
                throw Refuse(
                    string.Create(CultureInfo.InvariantCulture, $"{file}:{line}"),
                    $"The row has {cells.Count} cells, the header names {header.Count}. Quote commas with '{quote}'.");
            }
        }

        return new(file, header, [.. lines.Skip(1).Select(line => new Row(line.Cells, line.Line))]);
    }

    private static IEnumerable<(List<string> Cells, int Line)> Lines(string text, char quote)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        var (line, started, at) = (1, 1, 0);
        while (at < text.Length)
        {
            if (text[at] == quote && cell.Length == 0)
            {
                at = Quoted(text, at + 1, quote, cell, ref line);
            }

            while (at < text.Length && text[at] is not (',' or '\n'))
            {
                cell.Append(text[at++]);
            }

            var ends = at >= text.Length || text[at] == '\n';
            cells.Add(ends ? cell.ToString().TrimEnd('\r') : cell.ToString());
            cell.Clear();
            at++;
            if (ends)
            {
                yield return (cells, started);
                (cells, started) = ([], ++line);
            }
            else if (at >= text.Length)
            {
                cells.Add("");
            }
        }

        if (cells.Count > 0)
        {
            yield return (cells, started);
        }
    }

    private static int Quoted(string text, int at, char quote, StringBuilder cell, ref int line)
    {
        while (at < text.Length)
        {
            if (text[at] == quote && at + 1 < text.Length && text[at + 1] == quote)
            {
                at++;
            }
            else if (text[at] == quote)
            {
                return at + 1;
            }

            line += text[at] == '\n' ? 1 : 0;
            cell.Append(text[at++]);
        }

        return at;
    }

    private static RefusedException Refuse(string where, string why) => new(new("file/not-csv", why, where));

    /// <summary>One row, by the names of its columns, and the line that it starts on.</summary>
    public sealed class Row(IReadOnlyList<string> cells, int line)
    {
        internal CsvTable Table { get; set; } = null!;

        public int Line => line;

        public string Where => string.Create(CultureInfo.InvariantCulture, $"{Table.File}:{line}");

        /// <summary>The cell, or null when it is empty or the file has no such column.</summary>
        public string? this[string column] =>
            Table._places.TryGetValue(column, out var place) && cells[place].Length > 0 ? cells[place] : null;
    }
}
