using System.Text.Json;

namespace Exchange;

/// <summary>
/// Each name stands once in its object of JSON: which of two would count is anybody's guess, so neither does. This
/// knows the names of the objects around one place, and no more of them than any format has: a text of any size takes
/// no more memory than that.
/// </summary>
public sealed class NamesInObjects
{
    /// <summary>How many names the objects around one place may have together, and of how many letters.</summary>
    public const int MaxNames = 1 << 16;
    public const int MaxLetters = 1 << 22;

    private const int Shown = 100; // Letters of a name.
    private const int Usual = 256;

    private readonly List<Names> _around = []; // Of each depth, the outermost first.
    private int _depth;
    private int _names;
    private int _letters;

    /// <summary>What a text says twice; null where each name stands once, and of what is no JSON.</summary>
    public static string? Wrong(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Wrong(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a value says twice, in a sentence; null where each name stands once.</summary>
    public static string? Wrong(JsonElement json) => new NamesInObjects().In(json, "");

    /// <summary>An object, or an array, begins.</summary>
    public void Begin()
    {
        if (_around.Count == _depth)
        {
            _around.Add(new());
        }

        _depth++;
    }

    /// <summary>The innermost ends.</summary>
    public void End()
    {
        var ended = _around[--_depth];
        (_names, _letters) = (_names - ended.Known.Count, _letters - ended.Letters);
        if (ended.Known.Count > Usual)
        {
            _around[_depth] = new();
            return;
        }

        ended.Known.Clear();
        ended.Letters = 0;
    }

    /// <summary>What is wrong with one more name in the innermost object; null where nothing is.</summary>
    /// <param name="within">The names of the objects around it, each with a point behind it.</param>
    public string? Wrong(string name, string within = "")
    {
        var here = _around[_depth - 1];
        if (!here.Known.Add(name))
        {
            return $"'{within}{Start(name)}' is there twice in one object, and only one of them can be so.";
        }

        here.Letters += name.Length;
        (_names, _letters) = (_names + 1, _letters + name.Length);
        return _names > MaxNames || _letters > MaxLetters
            ? $"An object has more than {MaxNames:#,0} names, or longer ones than any format has."
            : null;
    }

    private string? In(JsonElement json, string within)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
            {
                if (In(item, within) is { } wrong)
                {
                    return wrong;
                }
            }
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        Begin();
        foreach (var property in json.EnumerateObject())
        {
            if (NameOf(property) is { } name &&
                (Wrong(name, within) ?? Inside(property.Value, name, within)) is { } wrong)
            {
                return wrong;
            }
        }

        End();
        return null;
    }

    private string? Inside(JsonElement value, string name, string within) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? In(value, $"{within}{Start(name)}.") : null;

    /// <summary>Null where it is half of a character, which is no name of anything.</summary>
    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Start(string name) =>
        new([.. name.Take(Shown).Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);

    private sealed class Names
    {
        public HashSet<string> Known { get; } = new(StringComparer.Ordinal);
        public int Letters { get; set; }
    }
}
