using System.Text;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>Shapes as they stand in events, and as they are named: each way of writing one is read once.</summary>
internal sealed class RawShapes
{
    private const int MaxShapes = 50_000;
    private const long MaxBytes = 8 << 20; // Of what is written; what it is named takes about as much.
    private const int MaxKeptLength = 1_000;
    private readonly Lock _adding = new();
    private volatile Known _known = new();

    /// <summary>The shape that was written in these bytes before; null where none was.</summary>
    public RawShape? Find(ReadOnlySpan<byte> json)
    {
        var known = _known;
        return known.Raw.Find(json) is > 0 and var number ? Volatile.Read(ref known.Shapes)[number] : null;
    }

    /// <summary>A shape as it is written; null if it is none, and the slow reader says why.</summary>
    public RawShape? Read(ReadOnlySpan<byte> json)
    {
        if (Find(json) is { } known)
        {
            return known;
        }

        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            return Keep(json, new([
                Names.Shape,
                .. Encoding.UTF8.GetBytes(UsageEvent.ShapeFrom(document.RootElement).ToString())]));
        }
        catch (Exception e) when (e is RefusedException or JsonException)
        {
            return null;
        }
    }

    private RawShape Keep(ReadOnlySpan<byte> json, RawShape shape)
    {
        if (json.Length > MaxKeptLength)
        {
            return shape;
        }

        lock (_adding)
        {
            _known = _known.Raw.Count >= MaxShapes || _known.Raw.Bytes >= MaxBytes ? new() : _known;
            if (_known.Raw.Count + 1 == _known.Shapes.Length)
            {
                var longer = new RawShape[_known.Shapes.Length * 2];
                _known.Shapes.CopyTo(longer, 0);
                Volatile.Write(ref _known.Shapes, longer);
            }

            if (_known.Raw.Find(json) is > 0 and var number)
            {
                return _known.Shapes[number];
            }

            _known.Shapes[_known.Raw.Count + 1] = shape;
            _known.Raw.FindOrAdd(json);
        }

        return shape;
    }

    /// <summary>Ways of writing, by number, and the shape that each is.</summary>
    private sealed class Known
    {
        public readonly Names Raw = new();
        public RawShape[] Shapes = new RawShape[64];
    }
}

/// <summary>A shape as some reporter writes it.</summary>
/// <param name="name">What it is named, its kind first.</param>
internal sealed class RawShape(byte[] name)
{
    public static readonly RawShape None = new([Names.Shape, (byte)'{', (byte)'}']);

    private Tuple<object, int>? _number; // Among the names that all requests look it up in; holds none of them.

    /// <summary>The number of its name in a batch.</summary>
    public int NumberIn(Batch batch)
    {
        if (Volatile.Read(ref _number) is var (token, known) && ReferenceEquals(token, batch.Names.Token))
        {
            return known;
        }

        var number = batch.Number(name);
        if (number > 0)
        {
            Volatile.Write(ref _number, new(batch.Names.Token, number));
        }

        return number;
    }
}
