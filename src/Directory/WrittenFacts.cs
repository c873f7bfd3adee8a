using System.Text.Json;
using NodaTime;

namespace Exchange.Facts;

/// <summary>Facts of one kind as a file says them, before anybody published them.</summary>
public abstract class WrittenFacts(string file)
{
    public string File => file;

    public abstract IReadOnlyList<FactName> Names { get; }

    /// <summary>Whether the last word on one of them is what the file says.</summary>
    public abstract bool IsPublished(DatedFacts facts, FactName fact);

    /// <summary>What publishing them would append.</summary>
    public abstract Decision<FactEvent> Publish(DatedFacts facts, LocalDate? from, PublishContext context);

    /// <summary>What such events would change.</summary>
    public abstract IReadOnlyList<FactChange> Changes(
        DatedFacts facts, IReadOnlyList<FactEvent> events, PublishContext context);
}

/// <summary>Facts of a known kind as a file says them.</summary>
public sealed class WrittenFacts<T>(FactKind<T> kind, IReadOnlyList<T> values, string file) : WrittenFacts(file)
    where T : class
{
    public override IReadOnlyList<FactName> Names => [.. values.Select(kind.Fact)];

    public override bool IsPublished(DatedFacts facts, FactName fact) =>
        facts.Versions.GetValueOrDefault(fact)?[^1].Content is { } content &&
        values.Any(value => kind.Fact(value) == fact && JsonElement.DeepEquals(kind.Write(value), content));

    public override Decision<FactEvent> Publish(DatedFacts facts, LocalDate? from, PublishContext context) =>
        Facts.Publish.Versions(facts, kind, values, from, context);

    public override IReadOnlyList<FactChange> Changes(
        DatedFacts facts, IReadOnlyList<FactEvent> events, PublishContext context) =>
        Facts.Publish.Changes(facts, kind, events, context);
}
