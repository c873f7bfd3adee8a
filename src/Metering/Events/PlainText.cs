using System.Numerics;
using System.Runtime.Intrinsics;

namespace Exchange.Metering;

/// <summary>
/// Text that stands in JSON as it is: of ASCII what can be printed, without quotes and backslashes. Values are short,
/// so that what a general search does before it begins would cost more than the search.
/// </summary>
internal static class PlainText
{
    private const sbyte FirstPrinted = (sbyte)' '; // Signed, what is beyond ASCII is below it.
    private const byte Delete = 0x7f;

    /// <summary>How many bytes of plain text these begin with.</summary>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        for (; bytes.Length - at >= Vector256<byte>.Count; at += Vector256<byte>.Count)
        {
            var here = Vector256.Create(bytes[at..]);
            var others = Vector256.LessThan(here.AsSByte(), Vector256.Create(FirstPrinted)).AsByte() |
                Vector256.Equals(here, Vector256.Create((byte)'"')) |
                Vector256.Equals(here, Vector256.Create((byte)'\\')) |
                Vector256.Equals(here, Vector256.Create(Delete));
            if (others.ExtractMostSignificantBits() is > 0 and var found)
            {
                return at + BitOperations.TrailingZeroCount(found);
            }
        }

        while (at < bytes.Length && IsPlain(bytes[at]))
        {
            at++;
        }

        return at;
    }

    public static bool IsPlain(byte value) =>
        value is >= (byte)' ' and < Delete && value != (byte)'"' && value != (byte)'\\';
}
