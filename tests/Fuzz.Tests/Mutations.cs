using System.Text;

namespace Exchange.Fuzz.Tests;

/// <summary>Draws bytes that are nearly right: seeds that were cut, repeated, spliced, and given what breaks readers.</summary>
internal sealed class Mutations(IReadOnlyList<byte[]> seeds, Random random)
{
    private const int LongestInput = 256 << 10;

    /// <summary>What readers stumble over, as text and as bytes.</summary>
    private static readonly byte[][] Tokens =
    [
        .. ((string[])
        [
            "-0", "0", "-1", "1e400", "1e-400", "-1e28", "79228162514264337593543950335", "0.0000000000000000000000000001", "NaN",
            "9223372036854775807", "-9223372036854775808", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00Z",
            "2026-13-01", "2026-02-30", "24:00:00", "null", "true", "[]", "{}", "[[", "]]", "\"", "''", "\\", "\\u0000", "\\ud800",
            "&a", "*a", "? ", "- ", ": ", "!!binary ", "<<", "<!DOCTYPE x [<!ENTITY a \"b\">]>", "&a;", "<![CDATA[", "]]>",
            ",", ";", "\t", "\r\n", "\n", "\r", " ", "=1+1", "\u2028", "\u202e", "\ufeff", "\ufffd", "\U0001f469\u200d\U0001f680",
            "a\u0301\u0302\u0303", "%00", "../", "--", "/*", "*/", "INSERT INTO", "data", "specversion", "landlord", "shape",
        ]).Select(Encoding.UTF8.GetBytes),
        [0], [0xff], [0x80], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xff, 0xfe], [0xfe, 0xff], [0xef, 0xbb, 0xbf], [0x1f, 0x8b],
        [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80, 0x80, 0x80, 0x80, 0x08],
    ];

    public byte[] Next()
    {
        List<byte> drawn = [.. seeds[random.Next(seeds.Count)]];
        for (var left = 1 + random.Next(6); left > 0; left--)
        {
            Change(drawn);
        }

        return [.. drawn.Take(LongestInput)];
    }

    private void Change(List<byte> drawn)
    {
        var at = random.Next(drawn.Count + 1);
        var length = Math.Min(drawn.Count - at, 1 + random.Next(random.Next(8) == 0 ? 400 : 16));
        switch (random.Next(9))
        {
            case 0:
                drawn.RemoveRange(at, length);
                break;
            case 1:
                drawn.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 2 when length > 0:
                drawn[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3 when length > 0:
                drawn[at] = (byte)random.Next(256);
                break;
            case 4:
                var again = drawn.GetRange(at, length);
                for (var times = random.Next(random.Next(20) == 0 ? 2_000 : 4); times > 0 && drawn.Count < LongestInput; times--)
                {
                    drawn.InsertRange(at, again);
                }

                break;
            case 5:
                drawn.RemoveRange(at, drawn.Count - at);
                break;
            case 6:
                var other = seeds[random.Next(seeds.Count)];
                var from = random.Next(other.Length);
                drawn.InsertRange(at, other.Skip(from).Take(1 + random.Next(80)));
                break;
            default: // A word or a number gives way to what breaks readers.
                var (start, end) = Word(drawn, at);
                drawn.RemoveRange(start, end - start);
                drawn.InsertRange(start, Tokens[random.Next(Tokens.Length)]);
                break;
        }
    }

    private static (int Start, int End) Word(List<byte> drawn, int at)
    {
        var (start, end) = (at, at);
        for (; start > 0 && IsPart(drawn[start - 1]); start--)
        {
        }

        for (; end < drawn.Count && IsPart(drawn[end]); end++)
        {
        }

        return (start, end);
    }

    private static bool IsPart(byte one) => char.IsAsciiLetterOrDigit((char)one) || one is (byte)'.' or (byte)'-' or (byte)'_';
}
