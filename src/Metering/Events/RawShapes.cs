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

    /// <summary>Whether a shape was written in these bytes before.</summary>
    public bool Knows(ReadOnlySpan<byte> json) => _known.Raw.Find(json) > 0;

    /// <summary>The name of a shape, its kind first; no if it is none, and the slow reader says why.</summary>
    public bool TryName(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> name)
    {
        var known = _known;
        var number = known.Raw.Find(json);
        if (number > 0)
        {
            name = known.Names[number];
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            name = Keep(json, [
                Names.Shape,
                .. Encoding.UTF8.GetBytes(UsageEvent.ShapeFrom(document.RootElement).ToString())]);
            return true;
        }
        catch (Exception e) when (e is RefusedException or JsonException)
        {
            name = default;
            return false;
        }
    }

    private byte[] Keep(ReadOnlySpan<byte> json, byte[] name)
    {
        if (json.Length > MaxKeptLength)
        {
            return name;
        }

        lock (_adding)
        {
            _known = _known.Raw.Count >= MaxShapes || _known.Raw.Bytes >= MaxBytes ? new() : _known;
            if (_known.Raw.Count + 1 == _known.Names.Length)
            {
                var longer = new byte[_known.Names.Length * 2][];
                _known.Names.CopyTo(longer, 0);
                Volatile.Write(ref _known.Names, longer);
            }

            if (_known.Raw.Find(json) == 0)
            {
                _known.Names[_known.Raw.Count + 1] = name;
                _known.Raw.FindOrAdd(json);
            }
        }

        return name;
    }

    /// <summary>Ways of writing, by number, and what each is named.</summary>
    private sealed class Known
    {
        public readonly Names Raw = new();
        public byte[][] Names = new byte[64][];
    }
}
