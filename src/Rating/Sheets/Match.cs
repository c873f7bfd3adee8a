using System.Collections.Immutable;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// What is asked of one key of a shape: one of some words, nothing at all, or anything but some words.
/// </summary>
public sealed record Condition(string Key, bool None, bool Any, ImmutableArray<string> Words,
    ImmutableArray<string> Except)
{
    /// <summary>Reads 'none', 'any', 'not WORD' and plain words; 'not' alone means anything but that.</summary>
    public static Condition Of(string key, IReadOnlyCollection<string> words)
    {
        ImmutableArray<string> except =
            [.. words.Where(w => w.StartsWith("not ", StringComparison.Ordinal)).Select(w => w["not ".Length..])];
        return new(
            key, words.Contains("none"), words.Contains("any") || except.Length > 0,
            [.. words.Where(w => w is not ("none" or "any") && !w.StartsWith("not ", StringComparison.Ordinal))],
            except);
    }

    /// <summary>A key that is absent, empty or zero counts as none.</summary>
    public bool Holds(Shape shape)
    {
        var word = shape.Word(Key);
        return string.IsNullOrEmpty(word) || word == "0" ? None : Admits(word);
    }

    /// <summary>Whether some value could satisfy both.</summary>
    public bool Meets(Condition other) => (None && other.None) || (Any && other.Any) || Words.Any(other.Admits) ||
        other.Words.Any(Admits);

    /// <summary>Whether every value that satisfies the other satisfies this.</summary>
    public bool Covers(Condition other) => (None || !other.None) && other.Words.All(Admits) && (!other.Any || (Any &&
        Except.All(word => Has(other.Except, word) || Has(Words, word))));

    public bool IsImpossible => !None && !Any && Words.Length == 0;

    private bool Admits(string word) => Has(Words, word) || (Any && !Has(Except, word));

    private static bool Has(ImmutableArray<string> words, string word) =>
        !words.IsEmpty && words.Contains(word, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// Usage of one kind, or counts of one meter of a kind, whose shape answers everything that is asked.
/// </summary>
public sealed record Match(
    ImmutableArray<string> Kinds, ImmutableArray<ClusterId> Clusters, ImmutableArray<string> Meters,
    ImmutableArray<Condition> Shape)
{
    public bool HoldsFor(ClusterId cluster, string kind, Shape shape)
    {
        if (Meters.Length > 0 || !IsOf(cluster, kind))
        {
            return false;
        }

        foreach (var asked in Shape)
        {
            if (!asked.Holds(shape))
            {
                return false;
            }
        }

        return true;
    }

    public bool HoldsFor(ClusterId cluster, string kind, string meter) =>
        Meters.Contains(meter, StringComparer.OrdinalIgnoreCase) && IsOf(cluster, kind);

    /// <summary>Whether some usage could match both.</summary>
    public bool Meets(Match other) => Meet(Kinds, other.Kinds) &&
        (Clusters.IsEmpty || other.Clusters.IsEmpty || Clusters.Intersect(other.Clusters).Any()) &&
        (Meters.IsEmpty ? other.Meters.IsEmpty : Meters.Intersect(other.Meters, StringComparer.OrdinalIgnoreCase)
            .Any()) &&
        Shape.All(asked => other.Shape.All(theirs => theirs.Key != asked.Key || theirs.Meets(asked)));

    /// <summary>Whether everything that matches the other matches this.</summary>
    public bool Covers(Match other) =>
        (Kinds.IsEmpty || (!other.Kinds.IsEmpty && other.Kinds.All(k => Kinds.Contains(k)))) &&
        (Clusters.IsEmpty || (!other.Clusters.IsEmpty && other.Clusters.All(c => Clusters.Contains(c)))) &&
        Meters.IsEmpty == other.Meters.IsEmpty &&
        other.Meters.All(m => Meters.Contains(m, StringComparer.OrdinalIgnoreCase)) &&
        Shape.All(asked => other.Shape.Any(theirs => theirs.Key == asked.Key && asked.Covers(theirs)));

    private bool IsOf(ClusterId cluster, string kind) =>
        (Kinds.IsEmpty || Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)) &&
        (Clusters.IsEmpty || Clusters.Contains(cluster));

    private static bool Meet(ImmutableArray<string> some, ImmutableArray<string> others) =>
        some.IsEmpty || others.IsEmpty || some.Intersect(others, StringComparer.OrdinalIgnoreCase).Any();
}
