using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Exchange.Metering;

/// <summary>The one usual way of writing a UUID, small digits of hexadecimal; sixteen are read at once.</summary>
internal static class HexUuid
{
    public const int Length = 36;
    private const byte Dash = (byte)'-';
    private const byte None = 0x80; // In a shuffle: no digit comes here.

    // The first sixteen digits stand at 0-7, 9-12 and 14-17, the others at 19-22 and 24-35.
    private static readonly Vector128<byte> FirstOfHigh =
        Vector128.Create(0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, None, None);
    private static readonly Vector128<byte> LastOfHigh = Vector128.Create(
        None, None, None, None, None, None, None, None, None, None, None, None, None, None, 14, 15);
    private static readonly Vector128<byte> FirstOfLow =
        Vector128.Create(0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, None);
    private static readonly Vector128<byte> LastOfLow = Vector128.Create(
        None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, (byte)15);

    /// <summary>No where these 36 bytes are anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong high, out ulong low)
    {
        text = text[..Length];
        var ofHigh = Vector128.Shuffle(Vector128.Create(text), FirstOfHigh) |
            Vector128.Shuffle(Vector128.Create(text[2..]), LastOfHigh);
        var ofLow = Vector128.Shuffle(Vector128.Create(text[19..]), FirstOfLow) |
            Vector128.Shuffle(Vector128.Create(text[20..]), LastOfLow);
        var isHex = TryWord(ofHigh, out high) & TryWord(ofLow, out low);
        return isHex && text[8] == Dash && text[13] == Dash && text[18] == Dash && text[23] == Dash;
    }

    /// <summary>What sixteen digits are worth, the first the highest.</summary>
    private static bool TryWord(Vector128<byte> digits, out ulong word)
    {
        var (asDigit, asLetter) = (digits - Vector128.Create((byte)'0'), digits - Vector128.Create((byte)'a'));
        var isDigit = Vector128.LessThan(asDigit, Vector128.Create((byte)10));
        var isLetter = Vector128.LessThan(asLetter, Vector128.Create((byte)6));
        var worths = Vector128.ConditionalSelect(isDigit, asDigit, asLetter + Vector128.Create((byte)10)).AsUInt16();
        var pairs = ((worths & Vector128.Create((ushort)0x00ff)) << 4) | (worths >>> 8);
        word = BinaryPrimitives.ReverseEndianness(Vector128.Narrow(pairs, pairs).AsUInt64()[0]);
        return (isDigit | isLetter) == Vector128<byte>.AllBitsSet;
    }
}
