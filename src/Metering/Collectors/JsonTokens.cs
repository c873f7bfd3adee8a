using System.Text;
using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Walks JSON of any size, one document after the other, token by token, with a buffer no longer than its longest
/// token.
/// </summary>
internal sealed class JsonTokens(Stream stream, string file)
{
    private const int MaxTokenLength = 16 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private long _line = 1;
    private bool _ended;
    private readonly NamesInObjects _names = new();
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true });

    public JsonTokenType Type { get; private set; }

    /// <summary>The text of a name, of a string or of a number as it is written; empty otherwise.</summary>
    public string Value { get; private set; } = "";

    public string Where => $"{file}:{_line}";

    /// <summary>Moves to the next token; false at the end of the document.</summary>
    /// <exception cref="RefusedException">What comes next is not JSON.</exception>
    public bool Next()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, _state);
            try
            {
                if (reader.Read())
                {
                    Take(ref reader);
                    return true;
                }
            }
            catch (JsonException e)
            {
                _line += e.LineNumber ?? 0;
                throw Refuse(e.Message.Split(" LineNumber:")[0].TrimEnd('.'));
            }

            if (_ended)
            {
                return false;
            }

            Fill();
        }
    }

    /// <summary>Moves to a token that must be there.</summary>
    public void Expect(JsonTokenType type, string what)
    {
        if (!Next() || Type != type)
        {
            throw Refuse($"expected {what}");
        }
    }

    /// <summary>Passes over the value that comes next, whatever it holds.</summary>
    public void Pass()
    {
        Next();
        for (var depth = Opens() ? 1 : 0; depth > 0 && Next();)
        {
            depth += Opens() ? 1 : Type is JsonTokenType.EndObject or JsonTokenType.EndArray ? -1 : 0;
        }
    }

    public RefusedException Refuse(string why) => new(new("file/not-json",
        $"This is not JSON of this format: {why}. Repair the file, or name its format with --format.", Where));

    private bool Opens() => Type is JsonTokenType.StartObject or JsonTokenType.StartArray;

    private void Take(ref Utf8JsonReader reader)
    {
        Type = reader.TokenType;
        Value = Type switch
        {
            JsonTokenType.PropertyName or JsonTokenType.String => Letters(ref reader),
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => "",
        };
        NoteName();
        _state = reader.CurrentState;
        var consumed = (int)reader.BytesConsumed;
        _line += _buffer.AsSpan(_start, consumed).Count((byte)'\n');
        _start += consumed;
    }

    private void NoteName()
    {
        switch (Type)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                _names.Begin();
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _names.End();
                break;
            case JsonTokenType.PropertyName when _names.Wrong(Value) is { } wrong:
                throw new RefusedException(new("file/key-twice", $"{wrong} Correct the file and repeat.", Where));
        }
    }

    /// <summary>The text; of what is none, with a mark that no name may hold.</summary>
    private static string Letters(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.HasValueSequence ? [] : reader.ValueSpan) + '\uFFFD';
        }
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxTokenLength)
            {
                throw new RefusedException(new("file/record-too-long",
                    $"One value is longer than {MaxTokenLength >> 20} MiB. Repair the file and repeat.", Where));
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = InputFile.Read(stream, _buffer.AsSpan(_end), file);
        _end += read;
        _ended = read == 0;
    }
}
