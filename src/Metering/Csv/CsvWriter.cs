using System.Buffers;
using System.Globalization;
using System.Text;

namespace Exchange.Metering.Csv;

/// <summary>
/// Writes rows of text as CSV, the only writer of it in the product: a row is made in memory and goes out whole, so
/// that months of millions of rows need no room.
/// </summary>
/// <param name="exact">
/// Whether cells are written as they are. Otherwise one that a spreadsheet would run as a formula gets a mark in front
/// that keeps it text.
/// </param>
public sealed class CsvWriter(TextWriter text, bool exact) : IAsyncDisposable
{
    private const int Enough = 32_768;

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    /// <summary>Where others take a cell to end: some read by semicolons, and then know no quotes of ours.</summary>
    private static readonly SearchValues<char> Ends = SearchValues.Create(";\t\r\n");

    private readonly StringBuilder _waiting = new(Enough + 4_096);

    public long Count { get; private set; } = -1;

    /// <summary>One row with its line end, for tables that are small.</summary>
    public static string Row(IEnumerable<string?> cells, bool exact, char quote = '"', string end = "\n")
    {
        var row = new StringBuilder();
        Append(row, cells, exact ? Guard.None : Guard.Mark, quote);
        return row.Append(end).ToString();
    }

    /// <summary>Writes a row; the first one is the heading.</summary>
    public async Task Add(IEnumerable<string> cells)
    {
        Append(_waiting, cells, exact ? Guard.None : Guard.QuotedMark, '"');
        _waiting.Append('\n');
        Count++;
        if (_waiting.Length > Enough)
        {
            await Send();
        }
    }

    public async ValueTask DisposeAsync() => await Send();

    private async Task Send()
    {
        await text.WriteAsync(_waiting);
        _waiting.Clear();
    }

    /// <summary>How a formula is kept from being run: exports have always quoted the cell too.</summary>
    private enum Guard { None, Mark, QuotedMark }

    private static void Append(StringBuilder row, IEnumerable<string?> cells, Guard guard, char quote)
    {
        var isFirst = true;
        foreach (var cell in cells)
        {
            row.Append(isFirst ? "" : ",");
            isFirst = false;
            Append(row, cell ?? "", guard, quote);
        }
    }

    private static void Append(StringBuilder row, string cell, Guard guard, char quote)
    {
        var safe = guard == Guard.None ? cell : Marked(cell);
        var isMarked = safe.Length > cell.Length;
        var isPlain = cell.AsSpan().IndexOfAny(Special) < 0 && !cell.Contains(quote, StringComparison.Ordinal) &&
            cell is not ([' ', ..] or [.., ' ']);
        if (isPlain && !(isMarked && (guard == Guard.QuotedMark || cell.AsSpan().ContainsAny(Ends))))
        {
            row.Append(safe);
            return;
        }

        row.Append(quote).Append(safe.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)).Append(quote);
    }

    /// <summary>The cell with a mark before everything in it that would be run, wherever a cell could begin.</summary>
    private static string Marked(string cell)
    {
        if (!cell.AsSpan().ContainsAny(Ends))
        {
            return Runs(cell) ? $"'{cell}" : cell;
        }

        var marked = new StringBuilder(cell.Length + 8);
        for (var start = 0; start < cell.Length;)
        {
            var length = cell.AsSpan(start).IndexOfAny(Ends);
            var end = length < 0 ? cell.Length : start + length;
            var part = start == 0 ? cell : cell[start..end].TrimStart(' ', '"');
            marked.Append(Runs(part) ? "'" : "").Append(cell, start, Math.Min(end + 1, cell.Length) - start);
            start = end + 1;
        }

        return marked.ToString();
    }

    /// <summary>
    /// Whether a spreadsheet would run it: what begins like a formula, also in letters of full width; behind a minus
    /// everything but a plain number, with separators and a currency or without.
    /// </summary>
    private static bool Runs(string cell) => cell.Length > 0 && cell[0] switch
    {
        '=' or '@' or '+' or '\t' or '\r' or '\n' or '\uFF1D' or '\uFF20' or '\uFF0B' or '\uFF0D' => true,
        '-' => !IsNumber(cell.EndsWith(" USD", StringComparison.Ordinal) ? cell[..^4] : cell),
        _ => false,
    };

    private static bool IsNumber(string cell) => decimal.TryParse(
        cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
}
