using System.Globalization;
using System.Net.Mail;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Exchange.Rating;

/// <summary>A mapping of a YAML file, read strictly: everything wrong with it is refused with file and line.</summary>
public sealed class YamlMap
{
    private readonly YamlMappingNode _node;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Where in the file it stands: 'skus[2].match.'; empty for the whole.</summary>
    private readonly string _path;

    private YamlMap(YamlMappingNode node, string file, string path) => (_node, File, _path) = (node, file, path);

    public string File { get; }

    public string Where => Place(File, _node.Start);

    /// <summary>Reads a file whose whole is one mapping.</summary>
    /// <exception cref="RefusedException">It is not YAML, or not a mapping.</exception>
    public static YamlMap Read(string text, string file) => Whole(GuardedYaml.Read(text, file), file);

    /// <summary>Reads what was published, in which earlier versions took values that repeat others.</summary>
    /// <exception cref="RefusedException">It is not YAML, or not a mapping.</exception>
    public static YamlMap ReadPublished(string text, string file) =>
        Whole(GuardedYaml.ReadPublished(text, file), file);

    /// <summary>Reads a file whose whole is a list of mappings; an empty file is an empty list.</summary>
    /// <exception cref="RefusedException">It is not YAML, or not such a list.</exception>
    public static IReadOnlyList<YamlMap> ReadList(string text, string file) => GuardedYaml.Read(text, file) switch
    {
        null => [],
        YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => Maps(list, file, ""),
        var other => throw Refuse("yaml/bad-value", Place(file, other.Start), "It must be a list."),
    };

    public bool Has(string key) => _node.Children.ContainsKey(new YamlScalarNode(key));

    /// <summary>The text under a key, or null when the key is absent or stands empty.</summary>
    public string? Word(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Bad(key, other, "one value"),
    };

    /// <summary>An e-mail address, or null when there is none.</summary>
    public string? Address(string key) => Word(key) is not { } word || MailAddress.TryCreate(word, out _)
        ? Word(key)
        : throw Bad(key, "an address like billing@example.org");

    public string Required(string key) => Word(key) ?? throw Missing(key);

    public bool? Flag(string key) => Word(key)?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" or "YES" or "ON" => true,
        "FALSE" or "NO" or "OFF" => false,
        _ => throw Bad(key, Find(key)!, "true or false"),
    };

    /// <summary>A decimal. It must stand in quotes, so that no reader turns it into binary floating point.</summary>
    /// <summary>No price, length or quantity is larger, and what is computed from those that are not fits.</summary>
    private const decimal LargestNumber = 1_000_000_000_000_000;

    public decimal? Number(string key)
    {
        if (Word(key) is not { } word)
        {
            return null;
        }

        if (!decimal.TryParse(word, Text.PlainNumber, CultureInfo.InvariantCulture, out var number))
        {
            throw Bad(key, "a plain decimal in quotes, like \"0.013\"");
        }

        if (Math.Abs(number) > LargestNumber)
        {
            throw Bad(key, "a number of at most a quadrillion");
        }

        return IsQuoted(key)
            ? number
            : throw Refuse("prices/unquoted-decimal", WhereOf(key),
                $"'{key}' is a decimal without quotes, which some readers turn into binary floating point. " +
                $"Write {key}: \"{word}\".");
    }

    public int? Whole(string key) => Word(key) is not { } word
        ? null
        : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            ? whole
            : throw Bad(key, Find(key)!, "a whole number");

    public BillingMonth? Month(string key) => Word(key) is not { } word
        ? null
        : BillingMonth.TryParse(word, null, out var month)
            ? month
            : throw Bad(key, Find(key)!, "a month like 2026-10");

    public IReadOnlyList<string> Words(string key) => Find(key) switch
    {
        null or YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list when list.Children.All(item => item is YamlScalarNode { Value.Length: > 0 }) =>
            [.. list.Children.Select(item => ((YamlScalarNode)item).Value!)],
        var other => throw Bad(key, other, "a list of words"),
    };

    public IReadOnlyList<YamlMap> Maps(string key) => Find(key) switch
    {
        null or YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => Maps(list, File, $"{_path}{key}"),
        var other => throw Bad(key, other, "a list of mappings"),
    };

    /// <summary>The mapping under a key, or null when the key is absent.</summary>
    public YamlMap? Map(string key) => Find(key) switch
    {
        null or YamlScalarNode { Value: null or "" } => null,
        YamlMappingNode map => new(map, File, $"{_path}{key}."),
        var other => throw Bad(key, other, "a mapping of keys to values"),
    };

    /// <summary>All keys, in the order of the file; each counts as asked for.</summary>
    public IReadOnlyList<string> Keys() => [.. _node.Children.Keys.OfType<YamlScalarNode>().Select(key =>
    {
        _asked.Add(key.Value ?? "");
        return key.Value ?? "";
    })];

    /// <summary>Whether the value under a key stands in quotes.</summary>
    public bool IsQuoted(string key) =>
        Find(key) is YamlScalarNode { Style: ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted };

    /// <summary>File and line of what stands under a key, or of the mapping when the key is absent.</summary>
    public string WhereOf(string key) => Place(File, (Find(key) ?? _node).Start);

    /// <summary>Where in the text the value under a key stands, with its quotes.</summary>
    internal Range SpanOf(string key) =>
        Find(key) is YamlScalarNode found ? (int)found.Start.Index..(int)found.End.Index : throw Missing(key);

    /// <summary>Whether the value under a key is a list.</summary>
    public bool IsList(string key) => Find(key) is YamlSequenceNode;

    /// <summary>Keys that nobody asked for, each with its place.</summary>
    public IReadOnlyList<string> Others() =>
    [
        .. _node.Children.Keys.Where(key => key is not YamlScalarNode { Value: { } name } || !_asked.Contains(name))
            .Select(key => $"'{_path}{key}' ({Place(File, key.Start)})"),
    ];

    /// <exception cref="RefusedException">A key stands in the file that nobody asked for.</exception>
    public void NoOthers()
    {
        foreach (var key in _node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name } || !_asked.Contains(name))
            {
                var near = NearWord.Of($"{key}", _asked);
                throw Refuse("yaml/unknown-key", Place(File, key.Start), near is null
                    ? $"'{_path}{key}' is not a key here. Take it out; these are known: " +
                        $"{string.Join(", ", _asked.Order(StringComparer.Ordinal))}."
                    : $"'{_path}{key}' is not a key here. Did you mean '{near}'?");
            }
        }
    }

    public RefusedException Bad(string key, string wanted) =>
        Find(key) is { } found ? Bad(key, found, wanted) : Missing(key, $"Write {wanted}.");

    /// <summary>A key is not there; when it stands there misspelt, that is what is said.</summary>
    public RefusedException Missing(string key, string what = "Add it.") =>
        _node.Children.Keys.OfType<YamlScalarNode>().FirstOrDefault(other =>
            !_asked.Contains(other.Value ?? "") && NearWord.Of(other.Value ?? "", [key]) is not null) is { } misspelt
            ? Refuse("yaml/unknown-key", Place(File, misspelt.Start),
                $"'{_path}{misspelt.Value}' is not a key here. Did you mean '{key}'?")
            : Refuse("yaml/missing-key", Where, $"'{_path}{key}' is missing. {what}");

    private RefusedException Bad(string key, YamlNode at, string wanted) => Refuse(
        "yaml/bad-value", Place(File, at.Start),
        $"'{_path}{key}' is {(at is YamlScalarNode word ? $"'{word.Value}'" : at is YamlSequenceNode ? "a list" :
            "a mapping of keys to values")}. Write {wanted}.");

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    private static YamlMap Whole(YamlNode? root, string file) => root is YamlMappingNode map
        ? new(map, file, "")
        : throw Refuse("yaml/bad-value", file, "It is not a mapping of keys to values.");

    private static List<YamlMap> Maps(YamlSequenceNode list, string file, string path) => list.Children.Select(
        (item, n) => item is YamlMappingNode map
            ? new YamlMap(map, file, $"{path}[{n + 1}].")
            : throw Refuse("yaml/bad-value", Place(file, item.Start),
                $"'{path}[{n + 1}]' is not a mapping. Write keys and values, like {{name: …}}.")).ToList();

    private static string Place(string file, Mark at) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{at.Line}");

    private static RefusedException Refuse(string code, string where, string why) =>
        new(new(code, why, where));
}
