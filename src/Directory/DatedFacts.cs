using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;

namespace Exchange.Facts;

/// <summary>A version of a fact: what it says, from which day on, who said so, and since when that is known.</summary>
/// <param name="Number">From 1, in the order of publication.</param>
/// <param name="Content">Null where the fact was withdrawn from that day on.</param>
public sealed record FactVersion(
    FactName Fact, int Number, LocalDate From, JsonElement? Content, string By, Instant KnownSince)
{
    public bool IsCorrection { get; init; }
}

/// <summary>
/// All facts that decide money, each as its versions in the order of their publication. A version replaces what was
/// said before it of its first day and of all later days; nothing is ever overwritten.
/// </summary>
public sealed record DatedFacts
{
    /// <summary>The one stream is 'facts-exchange'.</summary>
    public const string Id = "exchange";

    /// <summary>The first day of all: a version from it holds for everything that ever was.</summary>
    public static readonly LocalDate Beginning = new(1, 1, 1);

    public static readonly Fold<DatedFacts, FactEvent> Fold = new("facts", new(), Evolve);

    public ImmutableDictionary<FactName, ImmutableList<FactVersion>> Versions { get; init; } =
        ImmutableDictionary<FactName, ImmutableList<FactVersion>>.Empty;

    /// <summary>How many versions there are in all: the same number is the same facts.</summary>
    public int Count { get; init; }

    /// <summary>The facts as they were known at an instant.</summary>
    public DatedFacts Known(Instant asOf)
    {
        var versions = Versions
            .Select(of => KeyValuePair.Create(of.Key, of.Value.RemoveAll(version => version.KnownSince > asOf)))
            .Where(of => !of.Value.IsEmpty).ToImmutableDictionary();
        return new() { Versions = versions, Count = versions.Values.Sum(of => of.Count) };
    }

    /// <summary>The facts as they would be had these events happened.</summary>
    public DatedFacts With(IEnumerable<FactEvent> events) => events.Aggregate(this, Evolve);

    /// <summary>Everything of a kind, by name: what held when.</summary>
    public ImmutableSortedDictionary<string, Timeline<T>> Of<T>(FactKind<T> kind) where T : class =>
        Versions.Where(of => of.Key.Kind == kind.Name).ToImmutableSortedDictionary(
            of => of.Key.Name, of => Timeline.From(of.Value, kind), StringComparer.Ordinal);

    /// <summary>What holds of a fact on a day; null where nothing does.</summary>
    public T? On<T>(FactKind<T> kind, string name, LocalDate day) where T : class =>
        Versions.GetValueOrDefault(new(kind.Name, name))?.FindLast(version => version.From <= day) is
        { Content: { } content }
            ? kind.Read(content)
            : null;

    private static DatedFacts Evolve(DatedFacts facts, FactEvent happened)
    {
        var known = facts.Versions.GetValueOrDefault(happened.Fact, []);
        FactVersion version = happened switch
        {
            FactEvent.Published e =>
                new(e.Fact, known.Count + 1, e.From, e.Content, e.By, e.At) { IsCorrection = e.IsCorrection },
            FactEvent.Withdrawn e =>
                new(e.Fact, known.Count + 1, e.From, null, e.By, e.At) { IsCorrection = e.IsCorrection },
            _ => throw new CorruptStreamException(facts, happened),
        };
        return new()
        {
            Versions = facts.Versions.SetItem(happened.Fact, known.Add(version)),
            Count = facts.Count + 1,
        };
    }
}
