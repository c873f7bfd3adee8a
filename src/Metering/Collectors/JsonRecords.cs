using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>One JSON value of a file and the line it starts on.</summary>
public readonly record struct JsonRecord(JsonElement Value, long Line);

/// <summary>
/// Reads the values of a JSON file one at a time, whatever its size: the items of one array, one value a line,
/// or values one after the other. Only one value is in memory at a time, and a value is valid until the next is
/// asked for.
/// </summary>
public static class JsonRecords
{
    private const int MaxRecordLength = 64 << 20;

    /// <exception cref="RefusedException">What is there is not JSON, or one value is longer than 64 MiB.</exception>
    public static IEnumerable<JsonRecord> Read(Stream stream, string file)
    {
        var scan = new Scan(stream, file);
        while (true)
        {
            using var document = scan.Next();
            if (document is null)
            {
                yield break;
            }

            yield return new(document.RootElement, scan.RecordLine);
        }
    }

    /// <summary>The records of a list that is to hold everything there is.</summary>
    /// <exception cref="RefusedException">It is a page: what the others hold would be taken for gone.</exception>
    public static IEnumerable<JsonRecord> ReadWhole(Stream stream, string file)
    {
        foreach (var record in Read(stream, file))
        {
            if (record.Value.ValueKind == JsonValueKind.Object && (IsArray(record.Value, "results") ||
                (IsArray(record.Value, "items") && EventJson.Has(record.Value, "next", out _))))
            {
                throw new RefusedException(new("file/one-page",
                    "This is a page of a list, and a list that lacks the other pages would end what they hold. " +
                    "Ask for all pages, and put what is in them into one list.", $"{file}:{record.Line}"));
            }

            yield return record;
        }
    }

    private static bool IsArray(JsonElement record, string name) =>
        EventJson.Has(record, name, out var value) && value.ValueKind == JsonValueKind.Array;

    /// <summary>
    /// Where the scan of one file stands: what was read ahead, and whether it is inside the outer array.
    /// </summary>
    private sealed class Scan(Stream stream, string file)
    {
        private byte[] _buffer = new byte[64 << 10];
        private int _start;
        private int _end;
        private long _line = 1;
        private bool _ended;
        private bool _inArray;
        private bool _anything;

        public long RecordLine { get; private set; }

        public JsonDocument? Next()
        {
            while (true)
            {
                switch (Peek())
                {
                    case -1 when _inArray:
                        throw Refuse("the file ends inside its array");
                    case -1:
                        return null;
                    case '[' when !_inArray:
                        (_inArray, _anything) = (true, false);
                        Skip(1);
                        break;
                    case ']' when _inArray:
                        _inArray = false;
                        Skip(1);
                        break;
                    case ',' when _inArray && _anything:
                        Skip(1);
                        break;
                    default:
                        _anything = true;
                        return Value();
                }
            }
        }

        private JsonDocument Value()
        {
            RecordLine = _line;
            while (true)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, default);
                try
                {
                    if (JsonDocument.TryParseValue(ref reader, out var document))
                    {
                        Skip((int)reader.BytesConsumed);
                        return document;
                    }
                }
                catch (JsonException e)
                {
                    _line += e.LineNumber ?? 0;
                    throw Refuse(e.Message.Split(" LineNumber:")[0].TrimEnd('.'));
                }

                Fill();
            }
        }

        private int Peek()
        {
            while (true)
            {
                for (; _start < _end; _start++)
                {
                    switch (_buffer[_start])
                    {
                        case (byte)'\n':
                            _line++;
                            break;
                        case (byte)' ' or (byte)'\t' or (byte)'\r' or 0xEF or 0xBB or 0xBF or 0x1E:
                            break; // Blanks, a byte order mark, and the mark that starts a record of a JSON sequence.
                        default:
                            return _buffer[_start];
                    }
                }

                if (_ended)
                {
                    return -1;
                }

                Fill();
            }
        }

        private void Skip(int count)
        {
            _line += _buffer.AsSpan(_start, count).Count((byte)'\n');
            _start += count;
        }

        private void Fill()
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length)
            {
                if (_buffer.Length >= MaxRecordLength)
                {
                    throw new RefusedException(new("file/record-too-long",
                        $"One value is longer than {MaxRecordLength >> 20} MiB. Split the file and repeat.",
                        $"{file}:{_line}"));
                }

                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var read = InputFile.Read(stream, _buffer.AsSpan(_end), file);
            _end += read;
            _ended = read == 0;
        }

        private RefusedException Refuse(string why) => new(new("file/not-json",
            $"This is not JSON: {why}. Repair the file, or name its format with --format.", $"{file}:{_line}"));
    }
}
