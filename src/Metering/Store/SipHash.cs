using System.Numerics;
using System.Runtime.CompilerServices;

namespace Exchange.Metering;

/// <summary>
/// SipHash-1-3 of whole words. Its four words stay in registers only where every use is inlined and nobody takes its
/// address: it goes from hand to hand as a value, and nothing of it is called through a reference to it.
/// </summary>
internal readonly struct SipHash
{
    private readonly ulong _v0;
    private readonly ulong _v1;
    private readonly ulong _v2;
    private readonly ulong _v3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SipHash(ulong v0, ulong v1, ulong v2, ulong v3) => (_v0, _v1, _v2, _v3) = (v0, v1, v2, v3);

    /// <summary>Of nothing yet, for a hash of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SipHash Narrow(ulong k0, ulong k1) => new(
        k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573);

    /// <summary>Of nothing yet, for a hash of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SipHash Wide(ulong k0, ulong k1) => new(
        k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SipHash Add(ulong word)
    {
        var next = Round(_v0, _v1, _v2, _v3 ^ word);
        return new(next._v0 ^ word, next._v1, next._v2, next._v3);
    }

    /// <summary>The 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Low() => Finish(new(_v0, _v1, _v2 ^ 0xff, _v3)).Folded;

    /// <summary>The 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong First, ulong Second) Both()
    {
        var first = Finish(new(_v0, _v1, _v2 ^ 0xee, _v3));
        return (first.Folded, Finish(new(first._v0, first._v1 ^ 0xdd, first._v2, first._v3)).Folded);
    }

    private ulong Folded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _v0 ^ _v1 ^ _v2 ^ _v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SipHash Finish(SipHash of)
    {
        var once = Round(of._v0, of._v1, of._v2, of._v3);
        var twice = Round(once._v0, once._v1, once._v2, once._v3);
        return Round(twice._v0, twice._v1, twice._v2, twice._v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SipHash Round(ulong v0, ulong v1, ulong v2, ulong v3)
    {
        unchecked
        {
            v0 += v1;
            v2 += v3;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 = BitOperations.RotateLeft(v0, 32) + v3;
            v2 += v1;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
            return new(v0, v1, v2, v3);
        }
    }
}
