using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Exchange.Rating;

/// <summary>A mapping of a YAML file, read strictly: everything wrong with it is refused with file and line.</summary>
public sealed class YamlMap
{
    private readonly YamlMappingNode _node;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private YamlMap(YamlMappingNode node, string file) => (_node, File) = (node, file);

    public string File { get; }

    public string Where => Place(File, _node.Start);

    /// <summary>Reads a file whose whole is one mapping.</summary>
    /// <exception cref="RefusedException">It is not YAML, or not a mapping.</exception>
    public static YamlMap Read(string text, string file) => Root(text, file) is YamlMappingNode map
        ? new(map, file)
        : throw Refuse("yaml/bad-value", file, "It is not a mapping of keys to values.");

    /// <summary>Reads a file whose whole is a list of mappings; an empty file is an empty list.</summary>
    /// <exception cref="RefusedException">It is not YAML, or not such a list.</exception>
    public static IReadOnlyList<YamlMap> ReadList(string text, string file) => Root(text, file) switch
    {
        null => [],
        YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => Maps(list, file),
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

    public string Required(string key) => Word(key)
        ?? throw Refuse("yaml/missing-key", Where, $"'{key}' is missing.");

    public bool? Flag(string key) => Word(key)?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" or "YES" or "ON" => true,
        "FALSE" or "NO" or "OFF" => false,
        _ => throw Bad(key, Find(key)!, "true or false"),
    };

    /// <summary>A decimal. It must stand in quotes, so that no reader turns it into binary floating point.</summary>
    public decimal? Number(string key)
    {
        if (Word(key) is not { } word)
        {
            return null;
        }

        var quoted = Find(key) is YamlScalarNode { Style: ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted };
        return quoted && decimal.TryParse(word, Text.PlainNumber, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad(key, Find(key)!, "a plain decimal in quotes, like \"0.013\"");
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
        YamlSequenceNode list => Maps(list, File),
        var other => throw Bad(key, other, "a list of mappings"),
    };

    /// <summary>The mapping under a key, or null when the key is absent.</summary>
    public YamlMap? Map(string key) => Find(key) switch
    {
        null or YamlScalarNode { Value: null or "" } => null,
        YamlMappingNode map => new(map, File),
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

    /// <summary>Whether the value under a key is a list.</summary>
    public bool IsList(string key) => Find(key) is YamlSequenceNode;

    /// <exception cref="RefusedException">A key stands in the file that nobody asked for.</exception>
    public void NoOthers()
    {
        foreach (var key in _node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name } || !_asked.Contains(name))
            {
                throw Refuse("yaml/unknown-key", Place(File, key.Start),
                    $"'{key}' is not a key here. Known: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}.");
            }
        }
    }

    public RefusedException Bad(string key, string wanted) => Bad(key, Find(key) ?? _node, wanted);

    private RefusedException Bad(string key, YamlNode at, string wanted) =>
        Refuse("yaml/bad-value", Place(File, at.Start), $"'{key}' is '{at}'. Write {wanted}.");

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    private static List<YamlMap> Maps(YamlSequenceNode list, string file) => list.Children.Select(item =>
        item is YamlMappingNode map
            ? new YamlMap(map, file)
            : throw Refuse("yaml/bad-value", Place(file, item.Start), $"'{item}' is not a mapping of keys to values."))
        .ToList();

    private static YamlNode? Root(string text, string file)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        }
        catch (YamlException e)
        {
            throw Refuse("yaml/unreadable", Place(file, e.Start), $"It is not YAML: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // The scanner gives up like this where a bracket or quote is never closed.
            throw Refuse("yaml/unreadable", file, "It is not YAML: a bracket, brace or quote is not closed.");
        }
    }

    private static string Place(string file, Mark at) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{at.Line}");

    private static RefusedException Refuse(string code, string where, string why) =>
        new(new(code, why, where));
}
