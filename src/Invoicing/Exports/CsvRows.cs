using System.Buffers;
using System.Text;

namespace Exchange.Invoicing.Exports;

/// <summary>Rows of text as CSV, for months of millions of them: a row is made in memory and goes out whole.</summary>
/// <param name="exact">
/// Whether cells are written as they are. Otherwise one that a spreadsheet would run as a formula gets a mark in front
/// that keeps it text.
/// </param>
public sealed class CsvRows(TextWriter text, bool exact) : IAsyncDisposable
{
    private const int Enough = 32_768;

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");
    private readonly StringBuilder _waiting = new(Enough + 4_096);

    public long Count { get; private set; } = -1;

    /// <summary>Writes a row; the first one is the heading.</summary>
    public async Task Add(IEnumerable<string> cells)
    {
        var isFirst = true;
        foreach (var cell in cells)
        {
            if (!isFirst)
            {
                _waiting.Append(',');
            }

            isFirst = false;
            Append(cell);
        }

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

    private void Append(string cell)
    {
        var runs = !exact && cell is ['=' or '@' or '+' or '\t' or '\r', ..]; // Not the minus: amounts begin with it.
        if (!runs && cell.AsSpan().IndexOfAny(Special) < 0 && cell is not ([' ', ..] or [.., ' ']))
        {
            _waiting.Append(cell);
            return;
        }

        _waiting.Append(runs ? "\"'" : "\"").Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
