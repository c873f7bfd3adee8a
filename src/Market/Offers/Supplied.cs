using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Offers;

/// <summary>So many units of an offer at a time.</summary>
public readonly record struct UnitsOfOffer(OfferName Offer, decimal Units);

/// <summary>What orders hold of a landlord's offers. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Held), "units-held/1")]
[JsonDerivedType(typeof(Released), "units-released/1")]
public abstract record SuppliedEvent
{
    private SuppliedEvent() { }

    public sealed record Held(
        string Order, string Quote, Period Period, ImmutableArray<UnitsOfOffer> Units, Instant At) : SuppliedEvent;

    /// <param name="From">From when on others may have it.</param>
    public sealed record Released(string Order, Instant From, Instant At) : SuppliedEvent;
}

/// <summary>
/// What orders hold of a landlord's offers: one stream for each landlord, so that two orders at once cannot both take
/// the last of something. Its stream is 'supplied-nerc'.
/// </summary>
public sealed record Supplied(ImmutableSortedDictionary<string, SuppliedEvent.Held> Open)
{
    public static readonly Fold<Supplied, SuppliedEvent> Fold = new(
        "supplied",
        new(ImmutableSortedDictionary.Create<string, SuppliedEvent.Held>(StringComparer.Ordinal)), Evolve);

    /// <summary>The most units that are held at one time within a period.</summary>
    public decimal MaxIn(OfferName offer, Period period)
    {
        var held = (
            from one in Open.Values
            where one.Period.Overlaps(period)
            from units in one.Units
            where units.Offer == offer
            select (one.Period, units.Units)).ToList();
        return held.Select(one => Instant.Max(one.Period.Start, period.Start)).Distinct()
            .Select(at => held.Where(one => one.Period.Contains(at)).Sum(one => one.Units))
            .DefaultIfEmpty(0m).Max();
    }

    /// <summary>What is held and what is wanted come to the capacity at most, at every instant.</summary>
    /// <param name="capacityOf">How many units there are at a time; null where that is not said.</param>
    public static Decision<SuppliedEvent> Hold(
        Supplied supplied, SuppliedEvent.Held wanted, Func<OfferName, decimal?> capacityOf)
    {
        if (supplied.Open.ContainsKey(wanted.Order))
        {
            return [];
        }

        foreach (var (offer, units) in wanted.Units)
        {
            var held = supplied.MaxIn(offer, wanted.Period);
            if (capacityOf(offer) is { } capacity && held + units > capacity)
            {
                return new Refusal(
                    "offer/capacity",
                    $"There are {Text.Of(capacity)} of '{offer.Sku}' at a time, and {Text.Of(held)} are ordered " +
                    $"between {Text.Of(wanted.Period.Start)} and {Text.Of(wanted.Period.End)}: " +
                    $"{Text.Of(units)} more do not fit. Order fewer, or for another time.", wanted.Quote);
            }
        }

        return [wanted];
    }

    public static Decision<SuppliedEvent> Release(Supplied supplied, string order, Instant from, Instant now) =>
        supplied.Open.TryGetValue(order, out var held) && from < held.Period.End
            ? [new SuppliedEvent.Released(order, from, now)] : [];

    private static Supplied Evolve(Supplied supplied, SuppliedEvent happened) => happened switch
    {
        SuppliedEvent.Held e => new(supplied.Open.SetItem(e.Order, e)),
        SuppliedEvent.Released e when supplied.Open.TryGetValue(e.Order, out var held) => new(
            e.From <= held.Period.Start
                ? supplied.Open.Remove(e.Order)
                : supplied.Open.SetItem(e.Order, held with
                {
                    Period = new(held.Period.Start, Instant.Min(e.From, held.Period.End)),
                })),
        _ => throw new CorruptStreamException(supplied, happened),
    };
}
