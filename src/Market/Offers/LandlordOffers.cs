using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Offers;

/// <summary>Everything that can happen to offers. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Drafted), "offer-drafted/1")]
[JsonDerivedType(typeof(Published), "offer-published/1")]
[JsonDerivedType(typeof(Paused), "offer-paused/1")]
[JsonDerivedType(typeof(Retired), "offer-retired/1")]
public abstract record OfferEvent
{
    private OfferEvent() { }

    public sealed record Drafted(OfferName Offer, OfferTerms Terms, string By, Instant At) : OfferEvent;

    /// <summary>From now on these terms hold, and it can be had.</summary>
    public sealed record Published(OfferName Offer, OfferTerms Terms, string By, Instant At) : OfferEvent;

    /// <summary>Nobody new gets it until it is published again.</summary>
    public sealed record Paused(OfferName Offer, string Because, string By, Instant At) : OfferEvent;

    /// <summary>Nobody new gets it ever; what runs is priced by its sheet as before.</summary>
    public sealed record Retired(OfferName Offer, string Because, string By, Instant At) : OfferEvent;
}

/// <summary>Which SKU of which service.</summary>
public readonly record struct OfferName(string Service, SkuId Sku)
{
    public override string ToString() => $"{Service}/{Sku}";
}

/// <summary>The offers of one landlord. Its stream is 'offers-nerc'.</summary>
public sealed record LandlordOffers(ImmutableDictionary<OfferName, Offered> All)
{
    private const int MaxDays = 366;
    private const int MaxTextLength = 500;

    public static readonly Fold<LandlordOffers, OfferEvent> Fold =
        new("offers", new(ImmutableDictionary<OfferName, Offered>.Empty), Evolve);

    public Offered Of(OfferName offer) => All.GetValueOrDefault(offer, Offered.Standard);

    /// <param name="known">The SKUs that the landlord's sheets sell, now or later.</param>
    public static Decision<OfferEvent> Draft(
        LandlordOffers offers, OfferName offer, OfferTerms terms, IReadOnlySet<OfferName> known,
        (string By, Instant At) who) =>
        (Unknown(offer, known) ?? Ended(offers, offer) ?? Wrong(offer, terms)) is { } refusal ? refusal
        : offers.Of(offer).Draft == terms ? []
        : [new OfferEvent.Drafted(offer, terms, who.By, who.At)];

    /// <summary>Makes the draft what holds; without one, what was paused can be had again.</summary>
    public static Decision<OfferEvent> Publish(
        LandlordOffers offers, OfferName offer, IReadOnlySet<OfferName> known, (string By, Instant At) who) =>
        (Unknown(offer, known) ?? Ended(offers, offer)) is { } refusal ? refusal
        : offers.Of(offer) is { Draft: null, State: OfferState.Published } ? []
        : [new OfferEvent.Published(
            offer, offers.Of(offer).Draft ?? offers.Of(offer).Terms, who.By, who.At)];

    public static Decision<OfferEvent> Pause(
        LandlordOffers offers, OfferName offer, string because, IReadOnlySet<OfferName> known,
        (string By, Instant At) who) =>
        (Unknown(offer, known) ?? Ended(offers, offer) ?? NoReason(offer, because)) is { } refusal ? refusal
        : offers.Of(offer).State == OfferState.Paused ? []
        : [new OfferEvent.Paused(offer, because, who.By, who.At)];

    public static Decision<OfferEvent> Retire(
        LandlordOffers offers, OfferName offer, string because, IReadOnlySet<OfferName> known,
        (string By, Instant At) who) =>
        (Unknown(offer, known) ?? NoReason(offer, because)) is { } refusal ? refusal
        : offers.Of(offer).State == OfferState.Retired ? []
        : [new OfferEvent.Retired(offer, because, who.By, who.At)];

    private static Refusal? Unknown(OfferName offer, IReadOnlySet<OfferName> known) => known.Contains(offer) ? null
        : new(
            "offer/unknown",
            $"No sheet of the landlord sells '{offer.Sku}' as a part of '{offer.Service}'. 'exchange offers list' " +
            "shows what is sold.", $"{offer}");

    private static Refusal? Ended(LandlordOffers offers, OfferName offer) =>
        offers.Of(offer).State != OfferState.Retired ? null : new(
            "offer/retired", $"'{offer.Sku}' is retired. Sell it under another name to offer it again.", $"{offer}");

    private static Refusal? NoReason(OfferName offer, string because) =>
        because.Trim().Length is > 0 and <= MaxTextLength ? null : new(
            "offer/no-reason", $"Say why in 1 to {MaxTextLength} characters: customers see it.", $"{offer}");

    private static Refusal? Wrong(OfferName offer, OfferTerms terms) =>
        terms.Capacity is <= 0 ? new Refusal(
            "offer/wrong", $"A capacity is above 0, not {terms.Capacity}; leave it out where it is not said.",
            $"{offer}")
        : terms.NoticeDays is < 0 or > MaxDays ? new Refusal(
            "offer/wrong", $"Notice is 0 to {MaxDays} days, not {terms.NoticeDays}.", $"{offer}")
        : terms.ServiceLevel?.Length > MaxTextLength ? new Refusal(
            "offer/wrong", $"A service level has at most {MaxTextLength} characters.", $"{offer}")
        : null;

    private static LandlordOffers Evolve(LandlordOffers offers, OfferEvent happened) => happened switch
    {
        OfferEvent.Drafted e => offers.With(e.Offer, one => one with { Draft = e.Terms }),
        OfferEvent.Published e => offers.With(e.Offer, _ => new(OfferState.Published, e.Terms, null, null)),
        OfferEvent.Paused e => offers.With(
            e.Offer, one => one with { State = OfferState.Paused, Because = e.Because }),
        OfferEvent.Retired e => offers.With(
            e.Offer, one => one with { State = OfferState.Retired, Because = e.Because, Draft = null }),
        _ => throw new CorruptStreamException(offers, happened),
    };

    private LandlordOffers With(OfferName offer, Func<Offered, Offered> change) =>
        new(All.SetItem(offer, change(Of(offer))));
}
