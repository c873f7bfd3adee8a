using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Journal;

/// <summary>
/// Proves that what readers are shown differs from what was stored in nothing but tokens: all between them is the same,
/// letter for letter, and one token never stands for two addresses.
/// </summary>
public sealed class ShownText
{
    /// <summary>An address, also as a link has it, a name, or a line of what was said of somebody.</summary>
    private const string Erased = """((?:[^\s@"]{1,320}(?:@|%40)[^\s@"]{1,320}|(?:[^"\\]|\\.){1,2000}?))""";

    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    public bool Follows(string stored, string shown)
    {
        if (stored == shown)
        {
            return true;
        }

        var tokens = ErasedToken.Form().Matches(shown);
        var pattern = new StringBuilder("^");
        var at = 0;
        foreach (Match token in tokens)
        {
            pattern.Append(Regex.Escape(shown[at..token.Index])).Append(Erased);
            at = token.Index + token.Length;
        }

        pattern.Append(Regex.Escape(shown[at..])).Append('$');
        var match = Regex.Match(
            stored, pattern.ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant,
            TimeSpan.FromMinutes(1));
        return tokens.Count > 0 && match.Success &&
            tokens.Zip(match.Groups.Values.Skip(1)).All(one => IsOf(one.First.Value, one.Second.Value));
    }

    /// <summary>A token that was stored itself stands for itself.</summary>
    private bool IsOf(string token, string erased)
    {
        if (erased == token || !ErasedToken.IsAddress(erased))
        {
            return true;
        }

        if (!_addresses.TryGetValue(token, out var known))
        {
            _addresses[token] = known = erased;
        }

        return string.Equals(known, erased, StringComparison.OrdinalIgnoreCase);
    }
}
