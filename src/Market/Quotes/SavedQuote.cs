using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Quotes;

/// <summary>Everything that can happen to a quote. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Saved), "quote-saved/1")]
[JsonDerivedType(typeof(Accepted), "quote-accepted/1")]
[JsonDerivedType(typeof(Ended), "quote-ended/1")]
public abstract record QuoteEvent
{
    private QuoteEvent() { }

    public sealed record Saved(QuoteTerms Terms, string By, Instant At) : QuoteEvent;

    /// <summary>From now on it is an agreement: its prices are locked.</summary>
    public sealed record Accepted(string By, Instant At) : QuoteEvent;

    /// <summary>The customer gave the agreement up from an instant on.</summary>
    public sealed record Ended(Instant From, string By, Instant At) : QuoteEvent;
}

/// <summary>
/// A quote that was kept: it lapses by itself, or is accepted and becomes an agreement. Its stream is like
/// 'quote-Q-7F3K2M9Q'.
/// </summary>
public sealed record SavedQuote(QuoteTerms? Terms, QuoteEvent.Accepted? Accepted, QuoteEvent.Ended? Ended)
{
    public const int MaxDays = 90;

    public static readonly Fold<SavedQuote, QuoteEvent> Fold = new("quote", new(null, null, null), Evolve);

    public string StateAt(Instant now) => State(Accepted?.At, Ended?.From, Needed().ValidUntil, now);

    /// <summary>'open', 'lapsed', 'accepted' or 'ended'.</summary>
    public static string State(Instant? accepted, Instant? ended, Instant validUntil, Instant now) =>
        ended is not null ? "ended" : accepted is not null ? "accepted" : now < validUntil ? "open" : "lapsed";

    public static Decision<QuoteEvent> Save(SavedQuote quote, QuoteTerms terms, int days, string by, Instant now) =>
        days is < 1 or > MaxDays ? new Refusal(
            "quote/valid", $"A quote is valid for 1 to {MaxDays} days, not {days}.", "valid_days")
        : quote.Terms is not null ? new Refusal(
            "quote/exists", $"There is a quote '{terms.Id}' already.", terms.Id)
        : terms.Period.Start.InUtc().Date < now.InUtc().Date ? new Refusal(
            "quote/past",
            $"What begins at {Text.Of(terms.Period.Start)} is past, and was priced by what held then. A quote " +
            "that is saved begins today or later.", terms.Id)
        : [new QuoteEvent.Saved(terms, by, now)];

    /// <param name="pi">Who accepts, when it is a PI; finance accepts for anybody.</param>
    public static Decision<QuoteEvent> Accept(SavedQuote quote, PiId? pi, string by, Instant now) =>
        Foreign(quote, pi) is { } refusal ? refusal
        : quote.Accepted is not null ? []
        : now >= quote.Needed().ValidUntil ? new Refusal(
            "quote/lapsed",
            $"{quote.Needed().Id} was valid until {Text.Of(quote.Needed().ValidUntil)}. Ask for a new quote: " +
            "prices may have changed.", quote.Needed().Id)
        : [new QuoteEvent.Accepted(by, now)];

    /// <summary>Gives the locked prices up: what is used from then on is at list.</summary>
    public static Decision<QuoteEvent> End(SavedQuote quote, PiId? pi, Instant from, string by, Instant now) =>
        Foreign(quote, pi) is { } refusal ? refusal
        : quote.Accepted is null ? new Refusal(
            "agreement/unknown", $"{quote.Needed().Id} was not accepted, so there is nothing to end.",
            quote.Needed().Id)
        : quote.Ended is { } ended && ended.From <= from ? []
        : [new QuoteEvent.Ended(from, by, now)];

    public QuoteTerms Needed() => Terms ?? throw new InvalidOperationException("There is no such quote.");

    /// <summary>What is another's is not there.</summary>
    private static Refusal? Foreign(SavedQuote quote, PiId? pi) =>
        quote.Terms is { } terms && (pi is null || terms.Pi == pi) ? null : new(
            "quote/unknown", "There is no such quote. 'exchange quotes list' shows them.");

    private static SavedQuote Evolve(SavedQuote quote, QuoteEvent happened) => happened switch
    {
        QuoteEvent.Saved e when quote.Terms is null => quote with { Terms = e.Terms },
        QuoteEvent.Accepted e when quote is { Terms: not null, Accepted: null } => quote with { Accepted = e },
        QuoteEvent.Ended e when quote.Accepted is not null => quote with { Ended = e },
        _ => throw new CorruptStreamException(quote, happened),
    };
}
