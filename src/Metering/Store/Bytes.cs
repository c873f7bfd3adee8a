using System.Buffers;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Exchange.Metering;

/// <summary>Whole numbers one after the other, small ones in few bytes; then compressed.</summary>
internal sealed class BytesWriter
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        if (Length == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        _bytes[Length++] = value;
    }

    public void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)((value & 0x7f) | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>A number that may be below zero: its sign becomes the last bit.</summary>
    public void Signed(long value) => Number(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Text(ReadOnlySpan<byte> text)
    {
        Number((ulong)text.Length);
        if (Length + text.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + text.Length));
        }

        text.CopyTo(_bytes.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>Scale and sign, then the digits; zero has no sign, however it was worked out.</summary>
    public void Decimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value == 0 ? 0m : value, bits);
        unchecked
        {
            Number((uint)bits[3] >> 16);
            Number(((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
            Number((uint)bits[2]);
        }
    }

    /// <summary>The length before compression, then what was written, compressed.</summary>
    public byte[] Packed(int quality)
    {
        var packed = ArrayPool<byte>.Shared.Rent(4 + BrotliEncoder.GetMaxCompressedLength(Length));
        BitConverter.TryWriteBytes(packed, Length);
        var fits = BrotliEncoder.TryCompress(Written, packed.AsSpan(4), out var written, quality, 18);
        var result = packed.AsSpan(0, 4 + written).ToArray();
        ArrayPool<byte>.Shared.Return(packed);
        return fits ? result : throw new InvalidOperationException("The room for compressed bytes did not suffice.");
    }
}

/// <summary>Reads what <see cref="BytesWriter"/> wrote.</summary>
internal ref struct BytesReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly bool AtEnd => _at == _bytes.Length;

    /// <summary>No block and no page comes near it: what says so is damaged.</summary>
    private const int MaxUnpacked = 1 << 28;

    /// <summary>How many bytes were read.</summary>
    public readonly int Read => _at;

    /// <exception cref="RefusedException">These are not compressed bytes.</exception>
    public static byte[] Unpacked(ReadOnlySpan<byte> packed)
    {
        var length = packed.Length < 4 ? -1 : BitConverter.ToInt32(packed);
        var bytes = new byte[length is < 0 or > MaxUnpacked ? throw Damaged() : length];
        return BrotliDecoder.TryDecompress(packed[4..], bytes, out var written) && written == length
            ? bytes
            : throw Damaged();
    }

    public byte Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Damaged();

    public ulong Number()
    {
        if (_at < _bytes.Length && _bytes[_at] < 0x80)
        {
            return _bytes[_at++]; // Nearly all are differences, and small.
        }

        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    public int Int() => Number() is var value && value <= int.MaxValue ? (int)value : throw Damaged();

    /// <summary>How many things follow, of at least so many bytes each: damage asks for no room.</summary>
    public int Count(int bytesEach) =>
        Int() is var count && count <= (_bytes.Length - _at) / bytesEach ? count : throw Damaged();

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Text() => Take(Int());

    /// <summary>Passes over so many numbers: each ends with a byte whose first bit is not set.</summary>
    public void SkipNumbers(int count)
    {
        while (count >= Vector256<byte>.Count && _bytes.Length - _at >= Vector256<byte>.Count)
        {
            var unended = Vector256.Create(_bytes.Slice(_at, Vector256<byte>.Count)).ExtractMostSignificantBits();
            count -= Vector256<byte>.Count - BitOperations.PopCount(unended);
            _at += Vector256<byte>.Count;
        }

        for (; count > 0; count -= Byte() < 0x80 ? 1 : 0)
        {
        }
    }

    /// <summary>The next so many bytes.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _at)
        {
            throw Damaged();
        }

        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    /// <summary>Zeros with a sign were written once, and are zero.</summary>
    public decimal Decimal()
    {
        var flags = Int();
        var scale = flags & ~NegativeFlag;
        var low = Number();
        var high = Number();
        return scale <= 28 && high <= uint.MaxValue
            ? unchecked(new decimal(
                (int)low, (int)(low >> 32), (int)high, scale != flags && (low | high) != 0, (byte)scale))
            : throw Damaged();
    }

    /// <summary>Beside the scale where a decimal is below zero; as the runtime keeps it, in its upper half.</summary>
    private const int NegativeFlag = 1 << 15;

    public static RefusedException Damaged() => Unreadable.At(null);
}
