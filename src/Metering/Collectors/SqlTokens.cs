using System.Text;

namespace Exchange.Metering.Collectors;

/// <summary>What a piece of SQL is.</summary>
internal enum SqlToken
{
    /// <summary>A keyword, a number, or a name without quotes.</summary>
    Word,

    /// <summary>A name in quotes.</summary>
    Name,

    /// <summary>Text in quotes, with its escapes undone.</summary>
    Text,

    /// <summary>A bracket, a comma, a semicolon or another sign.</summary>
    Sign,
}

/// <summary>Cuts SQL text into tokens, a character at a time, passing over comments and blanks.</summary>
internal sealed class SqlTokens(TextReader reader, string file)
{
    private const int MaxTextLength = 64 << 20;

    private readonly StringBuilder _text = new();
    private long _line = 1;

    public SqlToken Kind { get; private set; }
    public string? Value { get; private set; }

    /// <summary>Whether a backslash in text escapes what follows it, as in MySQL.</summary>
    public bool BackslashEscapes { get; set; } = true;

    public string Where => $"{file}:{_line}";

    public bool Is(char sign) => Kind == SqlToken.Sign && Value![0] == sign;

    public bool Is(string keyword) =>
        Kind == SqlToken.Word && string.Equals(Value, keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Moves to the next token, which must be there because a statement is open.</summary>
    public bool Must() => Next() ? true : throw new RefusedException(new(
        "nova/cut-off", "The dump ends inside a statement. Dump the tables again and repeat.", Where));

    /// <summary>Moves behind the end of the statement that the current token belongs to.</summary>
    public void PassStatement()
    {
        while (!Is(';') && Next())
        {
        }
    }

    public bool Next()
    {
        SkipBlanks();
        var next = Read();
        if (next < 0)
        {
            return false;
        }

        switch ((char)next)
        {
            case '\'':
                (Kind, Value) = (SqlToken.Text, Quoted('\'', BackslashEscapes));
                break;
            case '`' or '"':
                (Kind, Value) = (SqlToken.Name, Quoted((char)next, false));
                break;
            case var c when IsOfWord(c):
                Word(c);
                break;
            case var c:
                (Kind, Value) = (SqlToken.Sign, c.ToString());
                break;
        }

        return true;
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or '+' or '$' or '@';

    private void Word(char first)
    {
        _text.Clear().Append(first);
        while (Peek() is var next and >= 0 && IsOfWord((char)next))
        {
            _text.Append((char)Read());
        }

        if (_text[0] == '_' && Peek() == '\'')
        {
            Next(); // A character set before text, as in _binary 'x'.
            return;
        }

        (Kind, Value) = (SqlToken.Word, _text.ToString());
        if (Value is "_binary" or "_utf8mb4" or "_utf8")
        {
            Next();
        }
    }

    private string Quoted(char quote, bool escapes)
    {
        _text.Clear();
        while (true)
        {
            var next = Read();
            if (next < 0 || _text.Length > MaxTextLength)
            {
                throw new RefusedException(new(
                    "nova/cut-off", "The dump ends inside a text. Dump the tables again and repeat.", Where));
            }

            if (next == quote)
            {
                if (Peek() != quote)
                {
                    return _text.ToString();
                }

                Read(); // A quote written twice is one.
            }
            else if (next == '\\' && escapes)
            {
                next = Unescaped(Read());
                if (next < 0)
                {
                    continue; // The dump ends there, and the next read says so.
                }
            }

            _text.Append((char)next);
        }
    }

    private static int Unescaped(int escaped) => escaped switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        '0' => '\0',
        'Z' => 26,
        _ => escaped,
    };

    private void SkipBlanks()
    {
        while (Peek() is var next and >= 0)
        {
            if (char.IsWhiteSpace((char)next))
            {
                Read();
            }
            else if (next == '#')
            {
                SkipLine();
            }
            else if (next == '-' && PeekSecond() == '-')
            {
                SkipLine();
            }
            else if (next == '/' && PeekSecond() == '*')
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipLine()
    {
        while (Read() is >= 0 and not '\n')
        {
        }
    }

    private void SkipComment()
    {
        Read();
        Read();
        for (var last = 0; Read() is var next and >= 0; last = next)
        {
            if (last == '*' && next == '/')
            {
                return;
            }
        }
    }

    private readonly char[] _ahead = new char[64 << 10];
    private int _at;
    private int _end;

    private int Peek() => _at < _end || Fill() ? _ahead[_at] : -1;

    private int PeekSecond() => _at + 1 < _end || Fill() && _at + 1 < _end ? _ahead[_at + 1] : -1;

    private int Read()
    {
        if (_at == _end && !Fill())
        {
            return -1;
        }

        var next = _ahead[_at++];
        _line += next == '\n' ? 1 : 0;
        return next;
    }

    private bool Fill()
    {
        _ahead.AsSpan(_at, _end - _at).CopyTo(_ahead);
        (_at, _end) = (0, _end - _at);
        try
        {
            var read = reader.Read(_ahead, _end, _ahead.Length - _end);
            _end += read;
            return read > 0;
        }
        catch (InvalidDataException e)
        {
            throw new RefusedException(new(
                "file/broken-gzip", $"The gzip stream is broken ({e.Message}). Copy the file again and repeat.", file));
        }
    }
}
