using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Mandates;

/// <summary>What an intermediary did in customers' names. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Quoted), "acted-quoted/1")]
[JsonDerivedType(typeof(Placed), "acted-placed/1")]
public abstract record ActedEvent
{
    private ActedEvent() { }

    /// <summary>It saved a quote for a project of the PI.</summary>
    public sealed record Quoted(string Quote, PiId Pi, string By, Instant At) : ActedEvent;

    /// <summary>It ordered a place of a quote.</summary>
    public sealed record Placed(string Order, string Quote, PiId Pi, string By, Instant At) : ActedEvent;
}

/// <summary>One of them: a quote, or an order of one.</summary>
/// <param name="Pi">In whose name.</param>
public readonly record struct Acted(string Quote, string? Order, PiId Pi);

/// <summary>
/// What one intermediary quoted and ordered for its customers, as it came. Its stream is like 'acted-broker'.
/// </summary>
public sealed record ActedFor(ImmutableArray<Acted> All)
{
    public static readonly Fold<ActedFor, ActedEvent> Fold = new("acted", new([]), Evolve);

    private static ActedFor Evolve(ActedFor acted, ActedEvent happened) => happened switch
    {
        ActedEvent.Quoted e => new(acted.All.Add(new(e.Quote, null, e.Pi))),
        ActedEvent.Placed e => new(acted.All.Add(new(e.Quote, e.Order, e.Pi))),
        _ => throw new CorruptStreamException(acted, happened),
    };
}
