using System.Numerics;
using System.Runtime.InteropServices;

namespace Exchange.Metering;

/// <summary>
/// Says of nearly all readings that are not in a run that they are not: a binary fuse filter (Graf and Lemire 2022) of
/// 18 bits a reading, wrong once in 65,536 times. Of a reading that is there, the words at three places make up its
/// sixteen bits; all three are asked of memory at once.
/// </summary>
internal sealed class KeyFilter
{
    private const int HeadLength = 16;
    private const ulong Step = 0x9E3779B97F4A7C15;
    private readonly ulong _seed;
    private readonly int _segment;
    private readonly ulong _span;
    private readonly ushort[] _words;

    private KeyFilter(ulong seed, int segment, ushort[] words)
    {
        (_seed, _segment, _words) = (seed, segment, words);
        _span = (ulong)(words.Length - (2 * segment));
    }

    /// <summary>The filter of these readings, each known by its trace.</summary>
    public static KeyFilter Of(ulong[] traces)
    {
        var segment = 1 << Math.Clamp(((BitOperations.Log2((uint)traces.Length | 1) * 576) + 2250) / 1000, 4, 18);
        var room = traces.Length * (875 + (5_000 / Math.Max(1, BitOperations.Log2((uint)traces.Length | 1)))) / 1000;
        var segments = Math.Max(1, ((room + segment - 1) / segment) - 2);
        var words = new ushort[(segments + 2) * segment];
        for (var seed = Step; ; seed = unchecked(seed + Step))
        {
            var filter = new KeyFilter(seed, segment, words);
            if (filter.TryFill(traces))
            {
                return filter;
            }

            // Two readings of one trace, once in some thousand runs, would never come apart.
            traces = [.. traces.Distinct()];
        }
    }

    public static KeyFilter Read(byte[] bytes)
    {
        var segment = bytes.Length < HeadLength ? 0 : BitConverter.ToInt32(bytes, 8);
        ushort[] words = segment == 0 ? [] : [.. MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(HeadLength))];
        return segment > 0 && BitOperations.IsPow2(segment) && words.Length % segment == 0 &&
            words.Length / segment >= 3
            ? new(BitConverter.ToUInt64(bytes), segment, words)
            : throw BytesReader.Damaged();
    }

    public byte[] Bytes()
    {
        var bytes = new byte[HeadLength + (_words.Length * 2)];
        BitConverter.TryWriteBytes(bytes, _seed);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), _segment);
        MemoryMarshal.AsBytes(_words.AsSpan()).CopyTo(bytes.AsSpan(HeadLength));
        return bytes;
    }

    /// <summary>How many bytes it takes.</summary>
    public int Length => HeadLength + (_words.Length * 2);

    public bool MayHave(ulong trace)
    {
        var hash = Hash(trace);
        var (first, second, third) = Places(hash);
        return (_words[first] ^ _words[second] ^ _words[third]) == Print(hash);
    }

    /// <summary>
    /// Takes away, one after the other, a reading that has a place for itself; then gives each its bits there, the last
    /// first. No if readings are left that share all of their places.
    /// </summary>
    private bool TryFill(ulong[] traces)
    {
        var hashes = InOrder(traces);
        var counts = new byte[_words.Length]; // Times four; which of its places this is for one reading, in two bits.
        var sums = new ulong[_words.Length];
        Span<int> places = stackalloc int[3];
        foreach (var hash in hashes)
        {
            (places[0], places[1], places[2]) = Places(hash);
            for (var which = 0; which < 3; which++)
            {
                counts[places[which]] = unchecked((byte)((counts[places[which]] + 4) ^ which));
                sums[places[which]] ^= hash;
            }
        }

        var alone = new int[_words.Length + 2];
        var waiting = 0;
        for (var place = 0; place < counts.Length; place++)
        {
            alone[waiting] = place;
            waiting += counts[place] >> 2 == 1 ? 1 : 0;
        }

        var taken = new byte[hashes.Length];
        var done = 0;
        while (waiting > 0)
        {
            var place = alone[--waiting];
            if (counts[place] >> 2 != 1)
            {
                continue;
            }

            var (hash, own) = (sums[place], counts[place] & 3);
            (hashes[done], taken[done]) = (hash, (byte)own);
            done++;
            (places[0], places[1], places[2]) = Places(hash);
            for (var next = 1; next < 3; next++)
            {
                var which = (own + next) % 3;
                var other = places[which];
                alone[waiting] = other;
                waiting += counts[other] >> 2 == 2 ? 1 : 0;
                counts[other] = unchecked((byte)((counts[other] - 4) ^ which));
                sums[other] ^= hash;
            }
        }

        for (var i = done - 1; done == hashes.Length && i >= 0; i--)
        {
            (places[0], places[1], places[2]) = Places(hashes[i]);
            var own = taken[i];
            _words[places[own]] = (ushort)(
                Print(hashes[i]) ^ _words[places[(own + 1) % 3]] ^ _words[places[(own + 2) % 3]]);
        }

        return done == hashes.Length;
    }

    /// <summary>The hashes by their first place, so that what is near is done together.</summary>
    private ulong[] InOrder(ulong[] traces)
    {
        const int Bits = 8;
        var starts = new int[(1 << Bits) + 1];
        foreach (var trace in traces)
        {
            starts[(int)(Hash(trace) >> (64 - Bits)) + 1]++;
        }

        for (var i = 0; i < 1 << Bits; i++)
        {
            starts[i + 1] += starts[i];
        }

        var hashes = new ulong[traces.Length];
        foreach (var trace in traces)
        {
            var hash = Hash(trace);
            hashes[starts[(int)(hash >> (64 - Bits))]++] = hash;
        }

        return hashes;
    }

    private ulong Hash(ulong trace)
    {
        unchecked
        {
            var hash = (trace + _seed) * 0xff51afd7ed558ccd;
            hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
            return hash ^ (hash >> 33);
        }
    }

    private (int First, int Second, int Third) Places(ulong hash)
    {
        var first = (int)Math.BigMul(hash, _span, out _);
        var mask = _segment - 1;
        return unchecked((
            first, (first + _segment) ^ ((int)(hash >> 18) & mask), (first + (2 * _segment)) ^ ((int)hash & mask)));
    }

    private static ushort Print(ulong hash) => unchecked((ushort)(hash ^ (hash >> 32)));
}
