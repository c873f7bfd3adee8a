using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Exchange.Journal;

/// <summary>An address, a name or a line of a postal address, and the token that stands for it from now on.</summary>
/// <param name="IsOnlyTheirs">Whether nobody else is called so: what others are called too is erased beside the address
/// alone.</param>
public sealed record Personal(string Text, string Token, bool IsOnlyTheirs);

/// <summary>
/// What of a person is to be erased, and what stands for it. It is found wherever it stands in a text, in any case of
/// letters, but never as a part of something else.
/// </summary>
public sealed class ErasedText
{
    private const string AfterEscape = """(?<=\\[nrtbf])""";

    /// <summary>After what a link has for a sign, but for those that addresses hold: '%3A', not '%2B'.</summary>
    private const string AfterHex = "(?<=%[0-9A-Fa-f]{2})(?<!%2[BDEbde]|%27|%25|%5[Ff])";
    private const RegexOptions AnyCase = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    private readonly Regex _addresses;
    private readonly Regex _always;
    private readonly Regex _beside;
    private readonly Dictionary<string, string> _tokens = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="prefixes">What stands before addresses in names of streams: 'budget' of 'budget-ada@…'.</param>
    public ErasedText(
        IReadOnlyList<(string Address, string Token)> addresses, IEnumerable<Personal> others,
        IEnumerable<string> prefixes)
    {
        var before = string.Join('|', prefixes.Append("audit").Distinct(StringComparer.Ordinal).Select(Regex.Escape));
        List<string> first = [], theirs = [], shared = [];
        foreach (var (text, token) in addresses.SelectMany(
            one => new[] { one, (Uri.EscapeDataString(one.Address), one.Token) }))
        {
            if (_tokens.TryAdd(text, token))
            {
                first.Add($"(?:{AfterEscape}|{AfterHex}|(?<=(?<![\\w.%+\\-])(?:{before})-)|(?<![\\w.%+\\-]|\\w'))" +
                    $"{Regex.Escape(text)}(?![\\w\\-]|\\.\\w)");
            }
        }

        Tokens = [.. _tokens.Values.Distinct(StringComparer.Ordinal)];
        foreach (var one in others)
        {
            foreach (var text in Spellings(one.Text).Where(text => _tokens.TryAdd(text, one.Token)))
            {
                (one.IsOnlyTheirs ? theirs : shared).Add(Whole(text));
            }
        }

        _addresses = new(string.Join('|', first.Concat(Tokens.Select(Regex.Escape))), AnyCase);
        _always = new(string.Join('|', [.. first, .. theirs]), AnyCase);
        _beside = new(string.Join('|', [.. first, .. theirs, .. shared]), AnyCase);
        Needles = [.. _tokens.Keys.Where(text => _always.IsMatch($"\"{text}\"")), .. Tokens];
    }

    /// <summary>What a text holds, or is named after, that this changes; not each that holds one is changed.</summary>
    public IReadOnlyList<string> Needles { get; }

    public IReadOnlyList<string> Tokens { get; }

    /// <summary>A text, or JSON as text, with tokens for what is erased; the same where nothing is.</summary>
    /// <param name="name">Under what it stands, as the name of its stream.</param>
    public string Of(string text, string? name = null) =>
        (_addresses.IsMatch(text) || (name is not null && _addresses.IsMatch(name)) ? _beside : _always)
        .Replace(text, found => _tokens[found.Value]);

    /// <summary>A single word is a name where nothing else is said.</summary>
    private static string Whole(string text) => text.Contains(' ', StringComparison.Ordinal)
        ? $"(?:{AfterEscape}|(?<![\\p{{L}}\\p{{N}}])){Regex.Escape(text)}(?![\\p{{L}}\\p{{N}}])"
        : $"(?<=\"){Regex.Escape(text)}(?=\"(?!\\s*:))";

    /// <summary>'Ada King', as JSON has it and as lists have it: 'King, Ada'.</summary>
    private static IEnumerable<string> Spellings(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var spelled = new List<string> { name, string.Join(' ', words) };
        if (words.Length > 1)
        {
            spelled.Add($"{words[^1]}, {string.Join(' ', words[..^1])}");
        }

        return spelled.SelectMany(text => new[]
        {
            text, JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        });
    }
}
