using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Metering;

/// <summary>What was said of sources, and which fell silent. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Expected), "source-expected/1")]
[JsonDerivedType(typeof(Silent), "source-silent/1")]
[JsonDerivedType(typeof(Heard), "source-heard-again/1")]
public abstract record SourceEvent
{
    private SourceEvent() { }

    /// <summary>An operator said how often a source is heard.</summary>
    /// <param name="Seconds">0 where it may be silent for ever; null where it is learned again.</param>
    public sealed record Expected(string Name, long? Seconds, string By, Instant At) : SourceEvent;

    /// <summary>A source was not heard although it was expected.</summary>
    /// <param name="Seconds">How often it was expected.</param>
    public sealed record Silent(
        LandlordId Landlord, string Reporter, string Source, Instant HeardAt, long Seconds, Instant At) : SourceEvent;

    /// <summary>A source that was silent was heard, or is not expected any more.</summary>
    public sealed record Heard(LandlordId Landlord, string Reporter, string Source, Instant HeardAt, Instant At)
        : SourceEvent;
}

/// <summary>What is expected of sources, and which are known to be silent.</summary>
/// <param name="Intervals">By the names of sources.</param>
/// <param name="Silences">By the names of sources, as they were told.</param>
public sealed record SourceBook(
    ImmutableSortedDictionary<string, SourceInterval> Intervals,
    ImmutableSortedDictionary<string, SourceEvent.Silent> Silences)
{
    public const string Id = "all";
    private const int MaxAtOnce = 100;
    private const long MaxInterval = 366 * 86_400;
    private static readonly ImmutableSortedDictionary<string, SourceInterval> NoIntervals =
        ImmutableSortedDictionary.Create<string, SourceInterval>(StringComparer.Ordinal);

    public static readonly Fold<SourceBook, SourceEvent> Fold = new(
        "sources",
        new(NoIntervals, ImmutableSortedDictionary.Create<string, SourceEvent.Silent>(StringComparer.Ordinal)), Evolve);

    /// <summary>Says how often a source is expected; null to learn it again.</summary>
    public static Decision<SourceEvent> Expect(
        SourceBook book, string name, SourceInterval? interval, string by, Instant now)
    {
        var seconds = interval is null ? (long?)null : (long)(interval.Every?.TotalSeconds ?? 0);
        return seconds is < 0 or > MaxInterval || interval?.Every < Duration.FromMinutes(1)
            ? new Refusal("sources/bad-interval", "A source is expected each minute at most and once a year at least.")
            : book.Intervals.GetValueOrDefault(name) == interval
                ? []
                : [new SourceEvent.Expected(name, seconds, by, now)];
    }

    /// <summary>Which sources fell silent, or were heard again, since it was looked last; of many some.</summary>
    public static Decision<SourceEvent> Watch(SourceBook book, IReadOnlyList<HeardSource> heard, Instant now)
    {
        var silent = book.With(heard).Where(one => one.IsSilent(now)).ToDictionary(one => one.Name);
        var known = heard.ToDictionary(one => one.Name);
        return new Decision<SourceEvent>(
        [
            .. silent.Values.Where(one => !book.Silences.ContainsKey(one.Name)).Take(MaxAtOnce)
                .Select(one => new SourceEvent.Silent(
                    one.Landlord, one.Reporter, one.Source, one.At, (long)one.Expected!.Value.TotalSeconds, now)),
            .. book.Silences.Where(one => !silent.ContainsKey(one.Key)).Take(MaxAtOnce)
                .Select(one => new SourceEvent.Heard(
                    one.Value.Landlord, one.Value.Reporter, one.Value.Source,
                    known.GetValueOrDefault(one.Key)?.At ?? one.Value.HeardAt, now)),
        ]);
    }

    /// <summary>Sources with what is expected of them.</summary>
    public IReadOnlyList<HeardSource> With(IEnumerable<HeardSource> heard) =>
        [.. heard.Select(one => one with { Set = Intervals.GetValueOrDefault(one.Name) })];

    private static SourceBook Evolve(SourceBook book, SourceEvent happened) => happened switch
    {
        SourceEvent.Expected { Seconds: null } e => book with { Intervals = book.Intervals.Remove(e.Name) },
        SourceEvent.Expected e => book with
        {
            Intervals = book.Intervals.SetItem(
                e.Name, new(e.Seconds == 0 ? null : Duration.FromSeconds(e.Seconds!.Value))),
        },
        SourceEvent.Silent e => book with
        {
            Silences = book.Silences.SetItem(HeardSource.NameOf(e.Landlord, e.Reporter, e.Source), e),
        },
        SourceEvent.Heard e => book with
        {
            Silences = book.Silences.Remove(HeardSource.NameOf(e.Landlord, e.Reporter, e.Source)),
        },
        _ => throw new CorruptStreamException(book, happened),
    };
}
