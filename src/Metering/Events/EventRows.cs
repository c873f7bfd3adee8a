using System.Text;
using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// Turns the fields of usual events into rows; what is not as it usually is, is left to the slow reader.
/// </summary>
internal sealed class EventRows(RawShapes shapes, LandlordId? only, bool setsAside, Instant now)
{
    private const long Earliest = 946_684_800_000_000; // The start of the year 2000; as in Bounds.

    private readonly byte[] _only = Encoding.UTF8.GetBytes(only?.Value ?? "");
    private readonly long _latest = (now + Duration.FromMinutes(5)).ToUnixTimeTicks() / 10;
    private readonly byte[] _name = new byte[1024];
    private int _next;
    private int _project;
    private readonly SeenTime _from = new();
    private readonly SeenTime _to = new();

    /// <summary>Whether an event named a landlord other than the only one allowed.</summary>
    public bool HasForeign { get; private set; }

    /// <summary>Adds a row for an event; no if the slow reader is to decide.</summary>
    public bool TryAdd(in EventFields fields, Batch into)
    {
        if (!fields.SpecVersion.SequenceEqual("1.0"u8) || !AreNames(fields) ||
            (setsAside && _only.Length > 0 && !fields.Landlord.SequenceEqual(_only)) ||
            Ascii.EqualsIgnoreCase(fields.Kind, "bill"u8) || TypeOf(fields.Type) is not { } type ||
            !TryTimes(fields, type, out var from, out var to))
        {
            return false;
        }

        var row = new Row { Type = type, From = from, To = to };
        if (type == ReadingType.Count)
        {
            if (!IsName(fields.Meter, fields.IsPlain) || !TryQuantity(fields.Quantity, out row.Quantity))
            {
                return false;
            }

            row.Meter = into.Number(Prefixed(Names.Meter, fields.Meter));
        }
        else
        {
            var shape = fields.Shape.Length == 0 ? RawShape.None : fields.KnownShape ?? shapes.Read(fields.Shape);
            if (StateOf(fields.State) is not { } state || shape is null)
            {
                return false;
            }

            (row.State, row.Shape) = (state, shape.NumberIn(into));
        }

        HasForeign |= _only.Length > 0 && !fields.Landlord.SequenceEqual(_only);
        row.Id = RowId.Of(fields.Id);
        row.Source = into.Source(_name.AsSpan(0, Sources.Write(fields.Source, fields.Landlord, _name)));
        row.Project = Number(Prefixed(Names.Project, fields.Project), ref _project, into);
        row.Resource = _next = Number(Resource(fields), into);
        into.Next() = row;
        return true;
    }

    /// <summary>
    /// The number of a resource. Reporters name them in the same order every time, and numbers were given in that
    /// order: mostly it is the next, or the one after it where a project came first between them.
    /// </summary>
    private int Number(ReadOnlySpan<byte> name, Batch into) =>
        into.Names.Is(_next + 1, name) ? _next + 1
        : into.Names.Is(_next + 2, name) ? _next + 2
        : into.Number(name);

    /// <summary>The number of a name that is mostly that of the event before.</summary>
    private static int Number(ReadOnlySpan<byte> name, ref int last, Batch into) =>
        into.Names.Is(last, name) ? last : last = into.Number(name);

    private bool TryTimes(in EventFields fields, ReadingType type, out long from, out long to)
    {
        to = 0;
        var isRanged = type == ReadingType.Interval || (type == ReadingType.Count && fields.HasFrom);
        if (!_from.TryRead(isRanged ? fields.From : fields.Time, out from))
        {
            return false;
        }

        to = from;
        if (isRanged && !_to.TryRead(fields.To, out to))
        {
            return false;
        }

        if (type == ReadingType.Sample)
        {
            if (fields.Step.Length is 0 or > 7 || fields.Step.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            {
                return false;
            }

            var seconds = 0;
            foreach (var digit in fields.Step)
            {
                seconds = (seconds * 10) + (digit - '0');
            }

            to += seconds is > 0 and <= 86_400 * 31 ? seconds * 1_000_000L : 0;
        }

        var isLong = type is ReadingType.Interval or ReadingType.Sample;
        return from >= Earliest && from <= _latest && (type == ReadingType.Sample || to <= _latest) &&
            (isLong ? to > from : to >= from);
    }

    private static bool TryQuantity(ReadOnlySpan<byte> text, out decimal quantity)
    {
        quantity = 0;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var part = point < 0 ? default : text[(point + 1)..];
        if (whole.Length is 0 or > 12 || part.Length > 6 || (point >= 0 && part.Length == 0))
        {
            return false;
        }

        long digits = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i == point)
            {
                continue;
            }

            if (text[i] is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            digits = (digits * 10) + (text[i] - '0');
        }

        quantity = Bounds.Plain(new(
            unchecked((int)digits), (int)(digits >> 32), 0, false, (byte)part.Length));
        return true;
    }

    private ReadOnlySpan<byte> Resource(in EventFields fields)
    {
        _name[0] = Names.Resource;
        var at = 1;
        foreach (var part in (ReadOnlySpan<int>)[0, 1, 2, 3])
        {
            var text = part switch { 0 => fields.Landlord, 1 => fields.Cluster, 2 => fields.Kind, _ => fields.Subject };
            text.CopyTo(_name.AsSpan(at));
            at += text.Length;
            _name[at++] = (byte)'/';
        }

        return _name.AsSpan(0, at - 1);
    }

    private ReadOnlySpan<byte> Prefixed(byte kind, ReadOnlySpan<byte> text)
    {
        _name[0] = kind;
        text.CopyTo(_name.AsSpan(1));
        return _name.AsSpan(0, text.Length + 1);
    }

    private static bool AreNames(in EventFields fields) =>
        IsName(fields.Id, fields.IsPlain) && IsName(fields.Source, fields.IsPlain) &&
        IsName(fields.Subject, fields.IsPlain) && IsName(fields.Project, fields.IsPlain) &&
        IsPart(fields.Landlord, fields.IsPlain) && IsPart(fields.Cluster, fields.IsPlain) &&
        IsPart(fields.Kind, fields.IsPlain);

    /// <summary>Names of letters, digits and signs of ASCII; others are left to the slow reader.</summary>
    private static bool IsName(ReadOnlySpan<byte> text, bool isPlain) =>
        text.Length is > 0 and <= Name.MaxLength && text[0] != ' ' &&
        (isPlain || text.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0);

    private static bool IsPart(ReadOnlySpan<byte> text, bool isPlain) =>
        IsName(text, isPlain) && !text.Contains((byte)'/');

    private static ReadingType? TypeOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("exchange.usage.interval.v1"u8) ? ReadingType.Interval
        : text.SequenceEqual("exchange.usage.sample.v1"u8) ? ReadingType.Sample
        : text.SequenceEqual("exchange.usage.state.v1"u8) ? ReadingType.State
        : text.SequenceEqual("exchange.usage.count.v1"u8) ? ReadingType.Count : null;

    private static ResourceState? StateOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("running"u8) ? ResourceState.Running
        : text.SequenceEqual("stopped"u8) ? ResourceState.Stopped
        : text.SequenceEqual("paused"u8) ? ResourceState.Paused
        : text.SequenceEqual("suspended"u8) ? ResourceState.Suspended
        : text.SequenceEqual("shelved"u8) ? ResourceState.Shelved
        : text.SequenceEqual("error"u8) ? ResourceState.Error
        : text.SequenceEqual("deleted"u8) ? ResourceState.Deleted : null;
}
