using System.Buffers;
using System.Globalization;
using System.Text;

namespace Exchange.Metering;

/// <summary>
/// The kind of what is passed on from others' bills. Nobody reports it: neither as it is, nor in letters that are read
/// as it.
/// </summary>
internal static class BillWord
{
    private const string Word = "bill";

    private static readonly SearchValues<byte> Gaps = SearchValues.Create(" .-_,'\""u8);

    /// <summary>Letters, figures and signs that are read as those below them.</summary>
    private const string Lookalikes = "ьвƅβʙіıɩιɪǀ|!1ӏłƚʟ";

    private const string Latin = "bbbbbiiiiiiiiillll";

    /// <summary>
    /// Whether it may be read so: no for most kinds, by their first letter. Whoever reads fast leaves the rest to
    /// <see cref="IsReadIn"/>.
    /// </summary>
    public static bool MayBeReadIn(ReadOnlySpan<byte> kind) => kind.Length >= Word.Length &&
        (!Ascii.IsValid(kind) || !char.IsAsciiLetter((char)kind[0]) ||
        ((kind[0] | 0x20) == 'b' && (kind.Length == Word.Length || kind.ContainsAny(Gaps))));

    /// <summary>Whether a kind is 'bill', whatever letters, marks, gaps or width it is written with.</summary>
    public static bool IsReadIn(string kind)
    {
        var read = 0;
        foreach (var letter in kind.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (IsSilent(letter))
            {
                continue;
            }

            if (read == Word.Length || !IsReadAs(letter, Word[read]))
            {
                return false;
            }

            read++;
        }

        return read == Word.Length;
    }

    /// <summary>An 'i' and an 'l' are read as each other.</summary>
    private static bool IsReadAs(Rune letter, char wanted)
    {
        var small = Rune.ToLowerInvariant(letter);
        var at = small.IsBmp ? Lookalikes.IndexOf((char)small.Value, StringComparison.Ordinal) : -1;
        var plain = char.ToLowerInvariant(at >= 0 ? Latin[at] : small.IsBmp ? (char)small.Value : '?');
        return plain == wanted || (wanted is 'i' or 'l' && plain is 'i' or 'l');
    }

    /// <summary>Marks, gaps and what is not seen.</summary>
    private static bool IsSilent(Rune letter) => Rune.GetUnicodeCategory(letter) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpaceSeparator or
        UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.DashPunctuation or
        UnicodeCategory.ConnectorPunctuation || letter.Value is '.' or '\'' or '"' or ',';
}
