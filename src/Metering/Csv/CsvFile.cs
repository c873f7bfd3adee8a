using System.Globalization;
using System.Text;
using Sylvan.Data.Csv;

namespace Exchange.Metering.Csv;

/// <summary>
/// Reads CSV with a header, row by row and strictly: a row with more or fewer cells than the header, a quote that is
/// never closed, text behind a closing quote and bytes that are no UTF-8 are refused with their line. The only reader
/// of CSV in the product.
/// </summary>
public sealed class CsvFile : IDisposable
{
    private const int MaxRow = 4 << 20;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly CsvDataReader _reader;
    private readonly char _quote;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private int _line = 1;

    private CsvFile(CsvDataReader reader, string file, char quote) => (_reader, Name, _quote) = (reader, file, quote);

    /// <summary>The name that messages show.</summary>
    public string Name { get; }

    public IReadOnlyList<string> Header { get; private set; } = [];

    /// <exception cref="RefusedException">There is no header, or it lacks a column.</exception>
#pragma warning disable CA2000 // The file disposes its reader, and that what it reads.
    public static CsvFile Open(Stream stream, string file, char quote, params ReadOnlySpan<string> required) => Open(
        new StreamReader(stream, Strict, detectEncodingFromByteOrderMarks: false, 64 << 10), file, quote, required);
#pragma warning restore CA2000

    /// <exception cref="RefusedException">There is no header, or it lacks a column.</exception>
    public static CsvFile Open(TextReader text, string file, char quote, params ReadOnlySpan<string> required)
    {
        CsvFile? csv = null;
        try
        {
            if (text.Peek() == '\uFEFF')
            {
                text.Read(); // A mark before the first quote would make it text.
            }

#pragma warning disable CA2000 // The file disposes its reader.
            csv = new(CsvDataReader.Create(new FewCells(text, file), Options(quote)), file, quote);
#pragma warning restore CA2000
            csv.ReadHeader(required);
            return csv;
        }
        catch (Exception e) when (Refusal(e, file, csv?._line ?? 1) is { } refused)
        {
            csv?.Dispose();
            throw refused;
        }
    }

    /// <summary>The rows of a stream; it is closed behind the last.</summary>
    public static IEnumerable<CsvRow> Read(Stream stream, string file, char quote, params string[] required)
    {
        using var csv = Open(stream, file, quote, required);
        foreach (var row in csv.Rows())
        {
            yield return row;
        }
    }

    /// <summary>The rows behind the header; empty lines are none.</summary>
    public IEnumerable<CsvRow> Rows()
    {
        while (Next() is { } cells)
        {
            var line = _line;
            Pass(cells);
            if (cells is not [""])
            {
                yield return cells.Length == Header.Count ? new(this, line, cells) : throw OtherCells(cells, line);
            }
        }
    }

    public bool Has(string column) => _places.ContainsKey(column);

    public void Dispose() => _reader.Dispose();

    internal int? PlaceOf(string column) => _places.TryGetValue(column, out var place) ? place : null;

    private static CsvDataReaderOptions Options(char quote) => new()
    {
        HasHeaders = false, // Read here, so that its line and its missing columns can be named.
        Delimiter = ',',
        Quote = quote,
        Escape = quote,
        Comment = '\0', // A row may begin with '#'.
        CsvStyle = CsvStyle.Standard,
        BufferSize = 64 << 10,
        MaxBufferSize = MaxRow,
    };

    private void ReadHeader(ReadOnlySpan<string> required)
    {
        while (Next() is { } cells)
        {
            Pass(cells);
            if (cells is [""])
            {
                continue;
            }

            Header = [.. cells.Select(name => name.Trim())];
            break;
        }

        if (Header.Count == 0)
        {
            throw new RefusedException(new("file/not-csv",
                "It is empty: it lacks even the first line, which names its columns. Fetch it again; if there is " +
                "nothing to list, write that line alone, or leave the file out.", Name));
        }

        for (var place = 0; place < Header.Count; place++)
        {
            _places.TryAdd(Header[place], place);
        }

        foreach (var column in required)
        {
            if (!_places.ContainsKey(column) || Header.Count(name => name == column) > 1)
            {
                var how = _places.ContainsKey(column) ? "there twice" : "missing";
                throw Refuse(Name, 1, $"Column '{column}' is {how}. " +
                    $"Its first line is '{string.Join(',', Header)}'.");
            }
        }
    }

    private string[]? Next()
    {
        try
        {
            if (!_reader.Read())
            {
                return null;
            }

            var cells = new string[_reader.RowFieldCount];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = _reader.GetString(i);
            }

            return cells;
        }
        catch (Exception e) when (Refusal(e, Name, _line) is { } refused)
        {
            throw refused;
        }
    }

    /// <summary>The line behind a row: its own end, and those inside its cells.</summary>
    private void Pass(string[] cells)
    {
        _line++;
        foreach (var cell in cells)
        {
            _line += cell.AsSpan().Count('\n');
        }
    }

    private RefusedException OtherCells(string[] cells, int line) => Refuse(Name, line, string.Create(
        CultureInfo.InvariantCulture,
        $"The row has {cells.Length} cells, the header names {Header.Count}. Quote commas with '{_quote}'."));

    private static RefusedException? Refusal(Exception e, string file, int line) => e switch
    {
        CsvRecordTooLargeException => Refuse(file, line,
            $"The row is longer than {MaxRow >> 20} million characters; a quote may not be closed. Repair the file."),
        CsvFormatException => Refuse(
            file, line, $"The row cannot be read: {e.Message} Close the quote, or write quotes inside a cell twice."),
        DecoderFallbackException => new(new("file/not-utf8",
            "A letter is not UTF-8. Save the file as UTF-8 and repeat; nothing of it was taken.",
            string.Create(CultureInfo.InvariantCulture, $"{file}:{line}"))),
        InvalidDataException => new(new(
            "file/broken-gzip", $"The gzip stream is broken ({e.Message}). Copy the file again and repeat.", file)),
        _ => null,
    };

    private static RefusedException Refuse(string file, int line, string why) => new(new(
        "file/not-csv", why, string.Create(CultureInfo.InvariantCulture, $"{file}:{line}")));
}
