using System.Collections.Immutable;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>What is asked of one key of a shape: one of some words, nothing at all, or anything.</summary>
public sealed record Asked(string Key, bool None, bool Any, ImmutableArray<string> Words)
{
    /// <summary>A key that is absent, empty or zero counts as none.</summary>
    public bool Holds(Shape shape)
    {
        var word = shape.Word(Key);
        var absent = string.IsNullOrEmpty(word) || word == "0";
        return absent ? None : Any || Words.Contains(word!, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether some value could satisfy both.</summary>
    public bool Meets(Asked other) => (None && other.None) || (Any && (other.Any || other.Words.Length > 0)) ||
        (other.Any && Words.Length > 0) || Words.Intersect(other.Words, StringComparer.OrdinalIgnoreCase).Any();

    /// <summary>Whether every value that satisfies the other satisfies this.</summary>
    public bool Covers(Asked other) => (None || !other.None) && (Any || !other.Any) &&
        (Any || other.Words.All(word => Words.Contains(word, StringComparer.OrdinalIgnoreCase)));

    public bool IsImpossible => !None && !Any && Words.Length == 0;
}

/// <summary>
/// Usage of one kind, or counts of one meter of a kind, whose shape answers everything that is asked.
/// </summary>
public sealed record Match(
    ImmutableArray<string> Kinds, ImmutableArray<ClusterId> Clusters, ImmutableArray<string> Meters,
    ImmutableArray<Asked> Shape)
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
