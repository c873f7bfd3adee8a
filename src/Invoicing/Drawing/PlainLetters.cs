using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>
/// A fixed set of Western letters and the byte of each in WinAnsiEncoding. A letter that has none there has the byte of
/// one that is in no document: the font draws what is meant, and the file says so to whoever copies it.
/// </summary>
internal sealed class PlainLetters
{
    private const string Plain = " !\"#$%&'()*+,-./0123456789:;<=>?@" +
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~–—‘’“”…·×";

    private const string Western = "€ŠšŽžŒœŸ¡¢£¥§©ª«®°±²³µ¶¹º»¼½¾¿" +
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

    /// <summary>The minus of amounts, the sign of rounded quantities, and whose bytes they have.</summary>
    private static readonly (char Letter, char Seat)[] Seated = [('\u2212', 'ƒ'), ('≈', '‡')];

    /// <summary>How letters beyond those of Latin 1 are written in WinAnsiEncoding.</summary>
    private static readonly Dictionary<char, byte> Windows = new()
    {
        ['€'] = 0x80,
        ['ƒ'] = 0x83,
        ['…'] = 0x85,
        ['‡'] = 0x87,
        ['Š'] = 0x8A,
        ['Œ'] = 0x8C,
        ['Ž'] = 0x8E,
        ['‘'] = 0x91,
        ['’'] = 0x92,
        ['“'] = 0x93,
        ['”'] = 0x94,
        ['–'] = 0x96,
        ['—'] = 0x97,
        ['š'] = 0x9A,
        ['œ'] = 0x9C,
        ['ž'] = 0x9E,
        ['Ÿ'] = 0x9F,
    };

    private readonly byte[] _codes = new byte[char.MaxValue + 1];

    private PlainLetters(string letters)
    {
        Letters = [.. letters.Select(letter => (letter, letter)), .. Seated];
        foreach (var (letter, seat) in Letters)
        {
            _codes[letter] = Windows.TryGetValue(seat, out var code) ? code : (byte)seat;
        }
    }

    /// <summary>Fewer letters first.</summary>
    public static IReadOnlyList<PlainLetters> All { get; } = [new(Plain), new(Plain + Western)];

    /// <summary>Each letter, and the one whose byte it has.</summary>
    public IReadOnlyList<(char Letter, char Seat)> Letters { get; }

    /// <summary>Its byte; 0 where the set has not got it.</summary>
    public byte CodeOf(char letter) => _codes[letter];

    /// <summary>The map of bytes to letters, as a PDF has it.</summary>
    public string ToUnicode()
    {
        const int Together = 100; // No more stand in one list.
        var map = new StringBuilder(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
            "/CMapName /Letters def\n/CMapType 2 def\n1 begincodespacerange\n<00> <ff>\nendcodespacerange\n");
        foreach (var some in Letters.OrderBy(of => CodeOf(of.Letter)).Chunk(Together))
        {
            map.Append(CultureInfo.InvariantCulture, $"{some.Length} beginbfchar\n");
            foreach (var (letter, _) in some)
            {
                map.Append(CultureInfo.InvariantCulture, $"<{CodeOf(letter):x2}> <{(int)letter:x4}>\n");
            }

            map.Append("endbfchar\n");
        }

        return map.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }
}
