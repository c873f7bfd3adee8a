using System.Globalization;
using System.Text;

namespace Exchange;

/// <summary>Which characters are drawn as nothing, so that a text of them alone tells nobody anything.</summary>
internal static class Blank
{
    /// <summary>
    /// Letters and symbols by their category that are drawn as nothing: fillers of Hangul, Braille without dots, a note
    /// without a head, the place of an object that is not there.
    /// </summary>
    private static readonly HashSet<int> Drawn = [0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x1D159, 0xFFFC];

    public static bool IsVisible(Rune rune) => rune.Value is > ' ' and < 0x7F || (Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => false,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => false, // Drawn on the letter before it.
        UnicodeCategory.OtherNotAssigned => !IsIgnored(rune.Value),
        _ => !Drawn.Contains(rune.Value),
    });

    /// <summary>What Unicode keeps for characters that are to be ignored where they are not known.</summary>
    private static bool IsIgnored(int value) =>
        value is 0x2065 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);
}
