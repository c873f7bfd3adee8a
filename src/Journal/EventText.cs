using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Exchange.Journal;

/// <summary>An event as text: its stored name ('invoice-issued/1') and its JSON, which begins with that name.</summary>
public readonly record struct EventText(string Type, string Json)
{
    private const string Begins = """{"$type":""" + "\"";

    /// <exception cref="NotSupportedException">The event's base type does not give this case a stored name.</exception>
    public static EventText Of<TEvent>(TEvent happened)
    {
        var json = JsonSerializer.Serialize(happened, Text.Json);
        if (json.StartsWith(Begins, StringComparison.Ordinal) &&
            json.AsSpan(Begins.Length).IndexOfAny('"', '\\') is var end and > 0 && json[Begins.Length + end] == '"')
        {
            return new(json.Substring(Begins.Length, end), json);
        }

        using var parsed = JsonDocument.Parse(json);
        return parsed.RootElement.TryGetProperty("$type", out var type)
            ? new(type.GetString()!, json)
            : throw new NotSupportedException(
                $"{happened?.GetType().Name} has no stored name; give it a [JsonDerivedType] on {typeof(TEvent).Name}");
    }

    /// <summary>Reads the event, brought up to date first when it was stored under an older name.</summary>
    public TEvent As<TEvent>(Upcasts upcasts) => JsonSerializer.Deserialize<TEvent>(upcasts.Apply(this).Json, Text.Json)
        ?? throw new JsonException($"A stored event of type {Type} is null.");
}

/// <summary>Events that become text each time that they are asked for, and are not held as text.</summary>
internal sealed class LaterTexts<TEvent>(IReadOnlyList<TEvent> events) : IReadOnlyList<EventText>
{
    public int Count => events.Count;

    public EventText this[int index] => EventText.Of(events[index]);

    public IEnumerator<EventText> GetEnumerator() => events.Select(EventText.Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>
/// How events stored by older versions of the product are read: each step turns one stored name into a later one.
/// What is stored never changes.
/// </summary>
public sealed class Upcasts
{
    private readonly Dictionary<string, (string To, Func<JsonObject, JsonObject> Change)> _steps = [];

    public static Upcasts None { get; } = new();

    /// <summary>Events stored as <paramref name="from"/> are read as <paramref name="to"/>.</summary>
    public Upcasts With(string from, string to, Func<JsonObject, JsonObject> change)
    {
        _steps.Add(from, (to, change));
        return this;
    }

    public EventText Apply(EventText stored)
    {
        while (_steps.TryGetValue(stored.Type, out var step))
        {
            var changed = step.Change(JsonNode.Parse(stored.Json)!.AsObject());
            changed["$type"] = step.To;
            stored = new(step.To, changed.ToJsonString(Text.Json));
        }

        return stored;
    }
}
