using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>A part of a workload: so many alike resources for so long, or so much of a meter.</summary>
/// <param name="Meter">A meter such as 'egress' with its quantity; null for time.</param>
public sealed record QuotedUsage(
    string Kind, Shape Shape, Duration Length, int Resources = 1, ResourceState State = ResourceState.Running,
    string? Meter = null, decimal Quantity = 0)
{
    /// <summary>Kinds that would do as well, tried in this order where the first has no price.</summary>
    public IReadOnlyList<string> Or { get; init; } = [];

    internal bool IsEgress => Meter is { } meter && Egress.IsNamedBy(meter);
}

/// <summary>What a cluster of a landlord asks for a workload, as far as it can serve it.</summary>
/// <param name="Missing">Why parts of the workload have no price there.</param>
/// <param name="Avoided">What the egress in the workload would cost at public list prices.</param>
public sealed record Offer(
    LandlordId Landlord, ClusterId Cluster, Money Total, Money? Avoided, IReadOnlyList<Charge> Charges,
    IReadOnlyList<string> Missing)
{
    public bool ServesAll => Missing.Count == 0;

    /// <summary>What of the workload it is for.</summary>
    [JsonIgnore]
    public IReadOnlyList<QuotedUsage> Usage { get; init; } = [];
}

/// <summary>A workload over several places, each part where it costs least.</summary>
/// <param name="Missing">Why parts of the workload have no price anywhere.</param>
public sealed record Mix(IReadOnlyList<Offer> Parts, Money Total, IReadOnlyList<string> Missing);

/// <summary>Whose workload it is, and what is used in its months already: tiers depend on it.</summary>
/// <param name="PiOf">Who answers for a project, where it is known.</param>
public sealed record QuoteFor(
    ProjectId Project, IReadOnlyList<Segment> Used, IReadOnlyList<DailyTotal> Counted,
    Func<ClusterId, ProjectId, Instant, PiId?>? PiOf = null)
{
    /// <summary>Whether what is priced so is for them: a mix takes nothing that is offered to others only.</summary>
    public Func<Charge, bool> IsOffered { get; init; } = _ => true;

    /// <summary>When it changes hands in a period: each owner has a share, as on the bill.</summary>
    public Func<ClusterId, ProjectId, Period, ImmutableArray<Instant>>? MovesOf { get; init; }

    /// <summary>Somebody who used nothing, where nobody else did.</summary>
    public static QuoteFor Anybody { get; } = new(new("quote"), [], []);
}

/// <summary>
/// 'POST /v1/quotes', '/quotes' and 'exchange quote' — a workload priced by every landlord that has a price for any of
/// it: what exactly that usage is billed, by the sheets and outages that are published by now, in each of its months.
/// Whole offers come first, then the cheaper.
/// </summary>
public static partial class Quote
{
    public static IReadOnlyList<Offer> Of(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected,
        QuoteFor? whose = null) => Ordered(Whole(Places(books, at, policies, whose), workload));

    /// <summary>
    /// Each part where it costs least by itself, priced together with the others that fall to the same place. One place
    /// that serves all of it for less is better.
    /// </summary>
    public static Mix Best(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected,
        QuoteFor? whose = null)
    {
        var places = Places(books, at, policies, whose);
        return Best(places, workload, Whole(places, workload), whose ?? QuoteFor.Anybody);
    }

    /// <summary>Both: what each place asks for all of it, and the best mix of places.</summary>
    public static (IReadOnlyList<Offer> Offers, Mix Mix) OfAndBest(
        PriceBooks books, IReadOnlyList<QuotedUsage> workload, Instant at, string policies = Policies.Corrected,
        QuoteFor? whose = null)
    {
        var places = Places(books, at, policies, whose);
        var whole = Whole(places, workload);
        return (Ordered(whole), Best(places, workload, whole, whose ?? QuoteFor.Anybody));
    }

    private static List<Offer> Whole(IReadOnlyList<Place> places, IReadOnlyList<QuotedUsage> workload) =>
        [.. places.Select(place => place.Offer(workload)).OfType<Offer>()];

    private static IReadOnlyList<Offer> Ordered(IEnumerable<Offer> offers) =>
    [
        .. offers.OrderBy(offer => offer.Missing.Count).ThenBy(offer => offer.Total.Cents)
            .ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
    ];

    /// <summary>Whether a place serves all that is asked of it, at prices that are for whoever asks.</summary>
    private static bool IsWhole(Offer offer, QuoteFor whose) =>
        offer.ServesAll && offer.Charges.All(charge => charge.Avoided is not null || whose.IsOffered(charge));

    private static Mix Best(
        IReadOnlyList<Place> places, IReadOnlyList<QuotedUsage> workload, IReadOnlyList<Offer> all, QuoteFor whose)
    {
        var found = new Dictionary<Place, List<QuotedUsage>>();
        var missing = new List<string>();
        foreach (var part in workload)
        {
            var cheapest = places.Select(place => (Place: place, Offer: place.Offer([part])))
                .Where(one => one.Offer is { } offer && IsWhole(offer, whose))
                .OrderBy(one => one.Offer!.Total.Cents)
                .ThenBy(one => one.Place.Landlord.Value, StringComparer.Ordinal)
                .ThenBy(one => one.Place.Cluster.Value, StringComparer.Ordinal).FirstOrDefault();
            if (cheapest.Offer is null)
            {
                missing.Add($"Nobody sells '{part.Meter ?? part.Kind}' as it is asked for.");
            }
            else if (found.TryGetValue(cheapest.Place, out var parts))
            {
                parts.Add(part);
            }
            else
            {
                found[cheapest.Place] = [part];
            }
        }

        List<Offer> mixed = [.. found.Select(of => of.Key.Offer(of.Value)!)
            .OrderBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal)];
        var total = Money.Sum(mixed.Select(offer => offer.Total));
        var whole = missing.Count > 0 ? null
            : all.Where(offer => IsWhole(offer, whose)).MinBy(offer => offer.Total.Cents);
        return whole is not null && whole.Total <= total ? new([whole], whole.Total, []) : new(mixed, total, missing);
    }

    /// <summary>
    /// What one place asks for a workload by what was agreed, and nothing else: the same whatever anybody else uses,
    /// and whatever is published later.
    /// </summary>
    public static Offer? AsAgreed(
        PriceBooks books, PriceLock agreed, IReadOnlyList<QuotedUsage> workload, string policies, QuoteFor whose) =>
        new Place(books, agreed.Period.Start, policies, agreed.Landlord, agreed.Cluster, whose)
        {
            Agreement = agreed.Id,
        }.Offer(workload);

    /// <summary>Every cluster of every landlord that sells something at an instant.</summary>
    private static List<Place> Places(PriceBooks books, Instant at, string policies, QuoteFor? whose)
    {
        var (asked, sheets) = (whose ?? QuoteFor.Anybody, books.List());
        var used = asked.Used.ToLookup(one => one.Resource.Landlord);
        var counted = asked.Counted.ToLookup(one => one.Resource.Landlord);
        var parts = LandlordBooks.Of(books);
        return
        [
            .. from of in sheets.Where(sheet => sheet.Period.Contains(at)).GroupBy(sheet => sheet.Sheet.Landlord)
               let own = parts.Of(of.Key)
               let there = asked with { Used = [.. used[of.Key]], Counted = [.. counted[of.Key]] }
               from cluster in of.SelectMany(sheet => sheet.Sheet.Clusters).Distinct()
               select new Place(own, at, policies, of.Key, cluster, there),
        ];
    }
}
