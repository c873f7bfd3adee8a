using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Mandates;

/// <summary>What customers say of intermediaries. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Given), "mandate-given/1")]
[JsonDerivedType(typeof(Withdrawn), "mandate-withdrawn/1")]
public abstract record MandateEvent
{
    private MandateEvent() { }

    /// <summary>A landlord may ask for quotes and order in the name of a PI, from an instant on.</summary>
    public sealed record Given(PiId Pi, LandlordId Intermediary, Instant From, string By, Instant At) : MandateEvent;

    /// <summary>From now on it may not; what it ordered until then stays.</summary>
    public sealed record Withdrawn(PiId Pi, LandlordId Intermediary, string By, Instant At) : MandateEvent;
}

/// <summary>That an intermediary acts for a PI, and from when until when.</summary>
/// <param name="Until">When it was withdrawn; null while it holds.</param>
public sealed record Mandate(PiId Pi, LandlordId Intermediary, Instant From, string By, Instant? Until)
{
    public bool HoldsAt(Instant at) => From <= at && (Until is not { } end || at < end);
}

/// <summary>Who acts for whom, and acted once. Its stream is 'mandates-exchange'.</summary>
public sealed record MandateBook(ImmutableArray<Mandate> All)
{
    public const string Id = "exchange";

    public static readonly Fold<MandateBook, MandateEvent> Fold = new("mandates", new([]), Evolve);

    public bool Allows(PiId pi, LandlordId intermediary, Instant at) =>
        All.Any(one => one.Pi == pi && one.Intermediary == intermediary && one.HoldsAt(at));

    public static Decision<MandateEvent> Give(
        MandateBook book, PiId pi, LandlordId intermediary, Instant from, string by, Instant now) =>
        from < now ? new Refusal(
            "mandate/past", $"A mandate begins now or later, not at {Text.Of(from)}: nobody acted for you before.",
            "from")
        : book.All.Any(one => one.Pi == pi && one.Intermediary == intermediary && one.Until is null) ? []
        : [new MandateEvent.Given(pi, intermediary, from, by, now)];

    public static Decision<MandateEvent> Withdraw(
        MandateBook book, PiId pi, LandlordId intermediary, string by, Instant now) =>
        book.All.Where(one => one.Pi == pi && one.Intermediary == intermediary).ToList() switch
        {
            [] => new Refusal("mandate/unknown", $"{intermediary} does not act for {pi}.", $"{intermediary}"),
            var known when known.TrueForAll(one => one.Until is not null) => [],
            _ => [new MandateEvent.Withdrawn(pi, intermediary, by, now)],
        };

    private static MandateBook Evolve(MandateBook book, MandateEvent happened) => happened switch
    {
        MandateEvent.Given e => new(book.All.Add(new(e.Pi, e.Intermediary, e.From, e.By, null))),
        MandateEvent.Withdrawn e => new([.. book.All.Select(one =>
            one.Pi == e.Pi && one.Intermediary == e.Intermediary && one.Until is null ? one with
            {
                Until = Instant.Max(one.From, e.At),
            } : one)]),
        _ => throw new CorruptStreamException(book, happened),
    };
}
