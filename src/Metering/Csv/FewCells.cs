using System.Globalization;

namespace Exchange.Metering.Csv;

/// <summary>
/// Text of which no line has more commas than any table has columns: whoever cuts a line into cells makes room for as
/// many as it finds, again and again. Nor does its first line end with a carriage return alone: rows behind it would be
/// missed without a word.
/// </summary>
internal sealed class FewCells(TextReader text, string file) : TextReader
{
    private const int MaxCommas = 10_000;
    private int _commas;
    private int _line = 1;
    private bool _isReturned;

    public override int Peek() => text.Peek();

    public override int Read()
    {
        var read = text.Read();
        if (read >= 0)
        {
            Count([(char)read]);
        }

        return read;
    }

    public override int Read(char[] buffer, int index, int count)
    {
        var read = text.Read(buffer, index, count);
        Count(buffer.AsSpan(index, read));
        return read;
    }

    public override int Read(Span<char> buffer)
    {
        var read = text.Read(buffer);
        Count(buffer[..read]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            text.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<char> read)
    {
        CheckFirstEnd(read);
        while (!read.IsEmpty)
        {
            var end = read.IndexOf('\n');
            _commas += read[..(end < 0 ? read.Length : end)].Count(',');
            if (_commas > MaxCommas)
            {
                throw new RefusedException(new("file/not-csv",
                    $"The line has more than {MaxCommas:#,0} commas. No table has as many columns: is it another file?",
                    string.Create(CultureInfo.InvariantCulture, $"{file}:{_line}")));
            }

            if (end < 0)
            {
                return;
            }

            (_commas, _line) = (0, _line + 1);
            read = read[(end + 1)..];
        }
    }

    private void CheckFirstEnd(ReadOnlySpan<char> read)
    {
        while (_line == 1 && !read.IsEmpty)
        {
            if (_isReturned && read[0] != '\n')
            {
                throw new RefusedException(new("file/not-csv",
                    "Its lines end with a carriage return alone. Save it with line feeds and repeat; nothing of it " +
                    "was taken.", $"{file}:1"));
            }

            var end = read.IndexOfAny('\r', '\n');
            _isReturned = end >= 0 && read[end] == '\r';
            if (!_isReturned)
            {
                return;
            }

            read = read[(end + 1)..];
        }
    }
}
