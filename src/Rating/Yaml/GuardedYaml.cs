using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Exchange.Rating;

/// <summary>
/// The one door through which YAML comes in. A tree of YAML is built and compared by recursion, so what nests without
/// end, or holds itself through an alias, would end the process: it is refused while it is read, before there is a
/// tree.
/// </summary>
internal sealed class GuardedYaml : IParser
{
    public const int MaxDepth = 50;
    public const int MaxCharacters = 4 << 20;

    private readonly Parser _events;
    private readonly string _file;
    private readonly bool _mayRepeat;
    private int _depth;
    private int _documents;

    /// <summary>The depth at which the outermost named value began; 0 while none is open.</summary>
    private int _namedAt;

    private GuardedYaml(string text, string file, bool mayRepeat) =>
        (_events, _file, _mayRepeat) = (new Parser(new StringReader(text)), file, mayRepeat);

    public ParsingEvent? Current => _events.Current;

    /// <summary>The tree of a text that somebody hands in; null when it is empty.</summary>
    /// <exception cref="RefusedException">It is not YAML, or more than the product reads.</exception>
    public static YamlNode? Read(string text, string file) => text.Contains('\uFFFD', StringComparison.Ordinal)
        ? throw Refuse("yaml/not-utf8", Place(file, LineOf(text, text.IndexOf('\uFFFD', StringComparison.Ordinal))),
            "It holds a letter that is not UTF-8. Save it as UTF-8, or write the letter again.")
        : Load(text, file, mayRepeat: false);

    /// <summary>
    /// The tree of a text that was published: earlier versions took values that are named once and repeated by
    /// an alias, so these are read as they were meant.
    /// </summary>
    public static YamlNode? ReadPublished(string text, string file) => Load(text, file, mayRepeat: true);

    public bool MoveNext()
    {
        if (!_events.MoveNext())
        {
            return false;
        }

        switch (Current)
        {
            case DocumentStart start when ++_documents > 1 && !_mayRepeat:
                throw Refuse("yaml/unreadable", Place(_file, start.Start.Line),
                    "A second document begins with '---'. Only the first would count: keep one in a file.");
            case AnchorAlias alias:
                Alias(alias);
                break;
            case NodeEvent node:
                Node(node);
                break;
            case MappingEnd or SequenceEnd:
                _namedAt = _namedAt == _depth ? 0 : _namedAt;
                _depth--;
                break;
        }

        return true;
    }

    private static YamlNode? Load(string text, string file, bool mayRepeat)
    {
        if (text.Length > MaxCharacters)
        {
            throw Refuse("yaml/too-large", Place(file, LineOf(text, MaxCharacters)), string.Create(
                CultureInfo.InvariantCulture,
                $"It has {text.Length} characters. At most {MaxCharacters} are read: split it into files."));
        }

        var guarded = new GuardedYaml(text.TrimStart('\uFEFF'), file, mayRepeat);
        try
        {
            var stream = new YamlStream();
            stream.Load(guarded);
            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        }
        catch (YamlException e)
        {
            throw Refuse("yaml/unreadable", Place(file, e.Start.Line), $"It is not YAML: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The scanner gives up like this where a bracket or quote is never closed.
            throw Refuse("yaml/unreadable", Place(file, guarded.Current?.Start.Line ?? 1),
                "It is not YAML: a bracket, brace or quote is not closed.");
        }
    }

    private void Node(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty && !_mayRepeat)
        {
            throw Repeats(node, $"&{node.Anchor}");
        }

        if (node is Scalar { Value: { Length: > 0 } word } && !_mayRepeat && !string.IsNullOrWhiteSpace(word) &&
            Exchange.Text.IsBlank(word))
        {
            throw Refuse("yaml/blank", Place(_file, node.Start.Line),
                "A word here holds only letters that cannot be seen. Write it again, or leave it empty.");
        }

        if (node is not (MappingStart or SequenceStart))
        {
            return;
        }

        if (++_depth > MaxDepth)
        {
            throw Refuse("yaml/too-deep", Place(_file, node.Start.Line), string.Create(CultureInfo.InvariantCulture,
                $"It nests deeper than {MaxDepth} levels. No file here needs more than a few."));
        }

        if (!node.Anchor.IsEmpty && _namedAt == 0)
        {
            _namedAt = _depth;
        }
    }

    /// <summary>An alias inside a named value could stand for a value that holds it, or multiply without end.</summary>
    private void Alias(AnchorAlias alias)
    {
        if (!_mayRepeat || _namedAt > 0)
        {
            throw Repeats(alias, $"*{alias.Value}");
        }
    }

    private RefusedException Repeats(ParsingEvent at, string what) => Refuse(
        "yaml/alias", Place(_file, at.Start.Line),
        $"'{what}' names a value to repeat it elsewhere, which is not read here. Write the value out at each place.");

    private static long LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private static string Place(string file, long line) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{line}");

    private static RefusedException Refuse(string code, string where, string why) => new(new(code, why, where));
}
