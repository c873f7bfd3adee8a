using System.Text;
using System.Text.Json;
using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// Reads CloudEvents out of bytes into a batch: one, an array of them, or one after the other, in pieces as they come.
/// What is usual is read in one pass; everything else goes through <see cref="UsageEvent"/>, with the same result.
/// </summary>
/// <param name="only">Whose they are to be; null where they may be anybody's.</param>
/// <param name="setsAside">Whether what is another's is set aside; without it, it is only noticed.</param>
internal sealed class EventParser(
    RawShapes shapes, EventLayouts layouts, LandlordId? only, Instant now, bool setsAside = false)
{
    private const int Deepest = 32;
    private const int MaxLearned = 16; // Of one request; who writes each event in another way is read as before.
    private static readonly JsonReaderState First = new(new() { AllowMultipleValues = true, MaxDepth = Deepest });
    private static readonly JsonReaderState AfterOne = ReadOne();

    private readonly EventRows _rows = new(shapes, only, setsAside, now);
    private JsonReaderState _state = First;
    private EventLayout? _layout;
    private int _learned;
    private int _depth;
    private bool _hasForeign;
    private bool _isBegun;
    private bool _isArray;
    private bool _hasValue;
    private long _lines; // That the reader of JSON did not see.

    /// <summary>How many events of a request are read, and how much may have to be set aside of it.</summary>
    public int MaxEvents { get; init; } = EventStream.EventsAtOnce;
    public long MaxMisfitBytes { get; init; } = long.MaxValue;

    /// <summary>Whether a CloudEvent was seen, good or bad.</summary>
    public bool HasEvent { get; private set; }

    /// <summary>Whether all of it was an array of nothing.</summary>
    public bool IsEmptyArray => _isArray && !_hasValue;

    /// <summary>Whether an event named a landlord other than the only one allowed.</summary>
    public bool HasForeign => _hasForeign || _rows.HasForeign;

    /// <summary>Whether more was read than may be.</summary>
    public bool IsTooMuch(Batch batch) => batch.Length > MaxEvents || batch.MisfitBytes > MaxMisfitBytes;

    /// <summary>Reads what is whole in these bytes, at most so many events, and says how many bytes that was.</summary>
    /// <exception cref="JsonException">This is not JSON.</exception>
    public int Read(ReadOnlySpan<byte> bytes, bool isAll, Batch into, int most)
    {
        var mark = Encoding.UTF8.Preamble;
        if (!_isBegun && !isAll && bytes.Length < mark.Length && mark.StartsWith(bytes))
        {
            return 0; // Perhaps the mark that some write before UTF-8, cut.
        }

        var (consumed, left) = (!_isBegun && bytes.StartsWith(mark) ? mark.Length : 0, most);
        while (left > 0)
        {
            consumed += _depth == 0 ? ReadAlike(bytes[consumed..], into, ref left) : 0;
            var read = left > 0 ? ReadNext(bytes[consumed..], isAll, into, ref left) : 0;
            consumed += read;
            if (read == 0)
            {
                break;
            }
        }

        return consumed;
    }

    /// <summary>Reads the events in a row that are written like one that was read before.</summary>
    private int ReadAlike(ReadOnlySpan<byte> bytes, Batch into, ref int left)
    {
        var consumed = 0;
        while (left > 0)
        {
            var rest = bytes[consumed..].TrimStart("\r\n"u8);
            var fields = new EventFields();
            var length = Match(rest, ref fields);
            if (length == 0 || !_rows.TryAdd(fields, into))
            {
                break;
            }

            _lines += bytes[consumed..^rest.Length].Count((byte)'\n');
            consumed = bytes.Length - rest.Length + length;
            left--;
        }

        if (consumed > 0)
        {
            HasEvent = true;
            (_state, _isBegun) = (_isBegun ? _state : AfterOne, true);
        }

        return consumed;
    }

    private int Match(ReadOnlySpan<byte> bytes, ref EventFields fields)
    {
        var length = _layout?.Match(bytes, shapes, ref fields) ?? 0;
        foreach (var layout in length > 0 ? [] : layouts.Known)
        {
            fields = default;
            length = ReferenceEquals(layout, _layout) ? 0 : layout.Match(bytes, shapes, ref fields);
            if (length > 0)
            {
                _layout = layout;
                break;
            }
        }

        return length;
    }

    /// <summary>Reads the next event as JSON; no bytes where it is not whole yet.</summary>
    private int ReadNext(ReadOnlySpan<byte> bytes, bool isAll, Batch into, ref int left)
    {
        var reader = new Utf8JsonReader(bytes, isAll, _state);
        try
        {
            if (!reader.Read())
            {
                return Done(reader);
            }

            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.CurrentDepth == 0)
            {
                _depth = reader.TokenType == JsonTokenType.StartArray ? 1 : 0;
                _isArray = true;
                return Done(reader);
            }

            _hasValue = true;
            var start = (int)reader.TokenStartIndex;
            var fields = new EventFields();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            if (isObject ? !fields.Read(ref reader, bytes) : !reader.TrySkip())
            {
                return 0;
            }

            var text = bytes[start..(int)reader.BytesConsumed];
            if (!isObject || fields.IsUnusual || !_rows.TryAdd(fields, into))
            {
                AddSlowly(text, into);
                left--;
                return Done(reader);
            }

            HasEvent = true;
            if (_learned < MaxLearned && EventLayout.Of(text, fields) is { } layout)
            {
                _learned++;
                layouts.Learn(layout);
            }

            left--;
            return Done(reader);
        }
        catch (JsonException e) when (_lines > 0 && e.LineNumber is { } line)
        {
            var what = e.Message.Split(" LineNumber:")[0];
            throw new JsonException(
                $"{what} LineNumber: {line + _lines} | BytePositionInLine: {e.BytePositionInLine}.");
        }
    }

    private int Done(in Utf8JsonReader reader)
    {
        (_state, _isBegun) = (reader.CurrentState, _isBegun || reader.TokenType != JsonTokenType.None);
        return (int)reader.BytesConsumed;
    }

    /// <summary>Where a reader of JSON stands that has read a value, and would take another.</summary>
    private static JsonReaderState ReadOne()
    {
        var reader = new Utf8JsonReader("{}"u8, isFinalBlock: false, First);
        while (reader.Read())
        {
        }

        return reader.CurrentState;
    }

    /// <summary>Whoever brings the readings of one landlord says nothing of another's.</summary>
    internal static RejectedReading NotTheirs(JsonElement json, LandlordId only) => new(
        "file/not-its-landlord", $"The event is of another landlord than the collector, which is '{only}''s. Send it " +
        "where it belongs, then discard it.", UsageEvent.Shown(EventJson.Word(json, "source")),
        UsageEvent.Shown(EventJson.Word(json, "id")), only, json.GetRawText());

    private void AddSlowly(ReadOnlySpan<byte> json, Batch into)
    {
        if (!System.Text.Unicode.Utf8.IsValid(json))
        {
            into.Add(new RejectedReading(
                "reading/not-text", "The event is not in UTF-8. Correct its reporter.", "", "", only,
                Encoding.UTF8.GetString(json)), now);
            return;
        }

        using var document = JsonDocument.Parse(json.ToArray(), new() { MaxDepth = Deepest });
        var root = document.RootElement;
        HasEvent |= UsageEvent.IsOne(root);
        var isForeign = only is { } landlord && UsageEvent.IsForeign(root, landlord);
        _hasForeign |= isForeign;
        into.Add(isForeign && setsAside ? NotTheirs(root, only!.Value) : UsageEvent.Read(root), now);
    }
}
