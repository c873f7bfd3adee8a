using System.Buffers;

namespace Exchange.Metering;

/// <summary>
/// How a reporter writes its events: the bytes between the fields of one that was read whole. Whatever has the same
/// bytes there, and plain values, is JSON too and says the same in the same places, so that it need not be read again
/// as JSON. Anything else does not match, and says nothing about being right or wrong.
/// </summary>
internal sealed class EventLayout
{
    private const int MaxKeptLength = 2_000;
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789."u8);

    private readonly byte[] _event;
    private readonly Part[] _parts;
    private readonly int _last;

    private EventLayout(byte[] text, Part[] parts, int last) => (_event, _parts, _last) = (text, parts, last);

    /// <summary>The layout of an event that was read whole; null where it is too long to be worth keeping.</summary>
    public static EventLayout? Of(ReadOnlySpan<byte> text, in EventFields fields)
    {
        if (text.Length > MaxKeptLength)
        {
            return null;
        }

        var found = new List<Part>();
        for (var field = Field.SpecVersion; field <= Field.Quantity; field++)
        {
            if (text.Overlaps(fields[field], out var at) && fields[field].Length > 0)
            {
                var kind = field == Field.Shape ? Kind.Shape : text[at - 1] == '"' ? Kind.Text : Kind.Number;
                found.Add(new(field, kind, at, fields[field].Length, 0));
            }
        }

        found.Sort((left, right) => left.At.CompareTo(right.At));
        var parts = new Part[found.Count];
        var end = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = found[i] with { Before = end };
            end = found[i].At + found[i].Length;
        }

        return new(text.ToArray(), parts, end);
    }

    /// <summary>The length of the event that these bytes begin with if it has this layout; or 0.</summary>
    public int Match(ReadOnlySpan<byte> bytes, RawShapes shapes, ref EventFields fields)
    {
        var at = 0;
        foreach (ref readonly var part in _parts.AsSpan())
        {
            var between = _event.AsSpan(part.Before, part.At - part.Before);
            if (bytes.Length - at <= between.Length || !bytes.Slice(at, between.Length).SequenceEqual(between))
            {
                return 0;
            }

            at += between.Length;
            var length = part.Kind == Kind.Shape
                ? LengthOfShape(bytes[at..], shapes, out fields.KnownShape)
                : LengthOf(part.Kind, bytes[at..]);
            if (length < 0)
            {
                return 0;
            }

            fields[part.Field] = bytes.Slice(at, length);
            at += length;
        }

        var rest = _event.AsSpan(_last);
        if (!bytes[at..].StartsWith(rest))
        {
            return 0;
        }

        (fields.HasFrom, fields.IsPlain) = (fields.From.Length > 0, true);
        return at + rest.Length;
    }

    private static int LengthOfShape(ReadOnlySpan<byte> bytes, RawShapes shapes, out RawShape? shape)
    {
        var length = bytes.IndexOf((byte)'}') + 1;
        shape = length > 0 ? shapes.Find(bytes[..length]) : null;
        return shape is null ? -1 : length;
    }

    private static int LengthOf(Kind kind, ReadOnlySpan<byte> bytes)
    {
        switch (kind)
        {
            case Kind.Text:
                var end = PlainText.Length(bytes);
                return end > 0 && end < bytes.Length && bytes[end] == '"' ? end : -1;
            case Kind.Number:
                var digits = bytes.IndexOfAnyExcept(Digits);
                return digits > 0 && bytes[digits] is (byte)',' or (byte)'}' && IsNumber(bytes[..digits])
                    ? digits
                    : -1;
        }

        throw new InvalidOperationException($"{kind} is no kind of value.");
    }

    /// <summary>Whether digits and points are a number of JSON: no needless zeros, no point without digits.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        return whole.Length > 0 && (whole.Length == 1 || whole[0] != '0') &&
            (point < 0 || (point + 1 < text.Length && !text[(point + 1)..].Contains((byte)'.')));
    }

    /// <summary>How a value is written.</summary>
    private enum Kind
    {
        Text,
        Number,
        Shape,
    }

    /// <summary>A field, where it stands in the event, and where the bytes before it begin.</summary>
    private readonly record struct Part(Field Field, Kind Kind, int At, int Length, int Before);
}

/// <summary>The layouts that were seen lately, newest first, for all requests.</summary>
internal sealed class EventLayouts
{
    private const int MaxLayouts = 8;
    private volatile EventLayout[] _known = [];

    public EventLayout[] Known => _known;

    /// <summary>Requests that learn at once may lose one of them; it is learned again.</summary>
    public void Learn(EventLayout layout) => _known = [layout, .. _known.Take(MaxLayouts - 1)];
}
