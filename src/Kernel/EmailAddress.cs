using System.Diagnostics.CodeAnalysis;

namespace Exchange;

/// <summary>
/// The one spelling in which addresses of people are compared: no space around it, ASCII letters in lower case, nothing
/// else changed. An address holds visible ASCII characters only, so no letter that looks or folds like an ASCII letter
/// can make one address into another: the Kelvin sign is a 'k' to whoever lowers its case.
/// </summary>
public static class EmailAddress
{
    /// <summary>What to tell whoever wrote one that is none.</summary>
    public const string Rule = "An address is written in ASCII, like 'ada@bu.edu'; other domains as 'xn--…'.";

    /// <summary>The address as it is compared; no when it cannot be one.</summary>
    public static bool TryNormalize([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? address)
    {
        address = text?.Trim(' ');
        if (!Name.IsOne(address) || !address.All(c => c is > ' ' and < '\u007f') ||
            address.Split('@') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            address = null;
            return false;
        }

        address = ToLowerAscii(address);
        return true;
    }

    /// <summary>
    /// Whether a name of a person, which may be no address, is one in disguise: it has an '@' and holds what no address
    /// does.
    /// </summary>
    public static bool IsDisguised(string name) =>
        name.Contains('@', StringComparison.Ordinal) && !TryNormalize(name, out _);

    /// <summary>
    /// A name of a person as it is compared where old names must stay what they were: in lower case, except letters
    /// that would turn into ASCII by it.
    /// </summary>
    public static string Fold(string name) => string.Create(name.Length, name, (folded, from) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            var lower = char.ToLowerInvariant(from[i]);
            folded[i] = lower < '\u0080' && from[i] >= '\u0080' ? from[i] : lower;
        }
    });

    private static string ToLowerAscii(string text) =>
        string.Create(text.Length, text, (lower, from) =>
        {
            for (var i = 0; i < lower.Length; i++)
            {
                lower[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
            }
        });
}
