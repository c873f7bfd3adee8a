using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Offers;

/// <summary>A public cloud's price of what is like an offer, for the same quantity.</summary>
/// <param name="Share">The price here as a part of it, to a thousandth.</param>
public sealed record PublicPriceBeside(string Provider, string AsOf, string Like, decimal Share, bool IsKept);

/// <summary>An offer as the catalog shows it.</summary>
/// <param name="Kinds">Of which resources it is; empty for all.</param>
/// <param name="Rate">The list price of a unit; of one in steps the first.</param>
/// <param name="Model">How it is priced: 'flat', 'graduated', …</param>
/// <param name="State">'published', 'paused' or 'retired'.</param>
/// <param name="Terms">For whom else it is, is seen by its landlord and finance only.</param>
/// <param name="IsLimited">Whether it is for some only.</param>
public sealed record CatalogItem(
    LandlordId Landlord, string Service, SkuId Sku, ImmutableArray<ClusterId> Clusters, ImmutableArray<string> Kinds,
    Rate Rate, string Model, string Sheet, string State, OfferTerms Terms, bool IsLimited, string? Because,
    IReadOnlyList<PublicPriceBeside> Public)
{
    [JsonIgnore]
    public OfferName Name => new(Service, Sku);

    public string Id => $"{Landlord}/{Service}/{Sku}";

    /// <summary>Whether it costs more of a public price than was promised.</summary>
    public bool IsDear => Public.Any(one => !one.IsKept);
}

/// <summary>For whom the catalog is shown.</summary>
/// <param name="Sells">The landlord itself sees all of its own.</param>
/// <param name="SeesAll">Finance.</param>
public sealed record CatalogViewer(
    LandlordId? Sells, bool SeesAll, IReadOnlyCollection<ProjectId> Projects, string? Institution)
{
    public bool Sees(LandlordId landlord, OfferTerms terms) =>
        SeesAll || Sells == landlord || terms.Audience.IsAll || terms.Audience.Admits(null, Institution) ||
        Projects.Any(project => terms.Audience.Admits(project, null));
}

/// <summary>Whether a project may have something, and why not.</summary>
public sealed record Availability(bool IsAllowed, bool NeedsApproval, string Code, string Why);

/// <summary>Everything that is offered: each SKU of the sheets in force, on the terms of its landlord.</summary>
public static class Catalog
{
    public static IReadOnlyList<CatalogItem> Of(
        PriceBooks books, Func<LandlordId, LandlordOffers> offersOf, CatalogViewer viewer, Instant now) =>
    [
        .. from sheet in books.List()
           where sheet.Period.Contains(now)
           let offers = offersOf(sheet.Sheet.Landlord)
           let beside = PublicComparison.Of([sheet.Sheet], books.Public, now.InUtc().Date)
               .ToLookup(one => one.Sku, StringComparer.Ordinal)
           from sku in sheet.Sheet.Skus
           let offered = offers.Of(new(sheet.Sheet.Service, sku.Id))
           where viewer.Sees(sheet.Sheet.Landlord, offered.Terms)
           orderby sheet.Sheet.Landlord.Value, sheet.Sheet.Service, sku.Id.Value
           select Item(
               sheet, sku, viewer.SeesAll || viewer.Sells == sheet.Sheet.Landlord ? offered : Reticent(offered),
               !offered.Terms.Audience.IsAll, beside[sku.Id.Value]),
    ];

    /// <summary>What landlords' sheets sell from now on.</summary>
    public static IReadOnlySet<OfferName> Sold(PriceBooks books, LandlordId landlord, Instant now) => books.List()
        .Where(sheet => sheet.Sheet.Landlord == landlord && sheet.Period.End > now)
        .SelectMany(sheet => sheet.Sheet.Skus.Select(sku => new OfferName(sheet.Sheet.Service, sku.Id))).ToHashSet();

    /// <summary>What ColdFront, Blazar or Waldur ask before they allow something.</summary>
    /// <param name="quantity">How many units at a time.</param>
    /// <param name="held">How many of them orders hold.</param>
    public static Availability MayHave(
        Offered offered, SkuId sku, ProjectId project, string? institution, decimal quantity = 0,
        decimal held = 0) =>
        offered.State == OfferState.Retired ? new(
            false, false, "offer/retired", $"'{sku}' is retired: {offered.Because} Nobody new gets it.")
        : offered.State == OfferState.Paused ? new(
            false, false, "offer/paused", $"'{sku}' is paused: {offered.Because} Ask again later.")
        : !offered.Terms.Audience.Admits(project, institution) ? new(
            false, false, "offer/not-for-you",
            $"'{sku}' is not offered to {project}. Ask its landlord, or choose another.")
        : quantity > 0 && offered.Terms.Capacity < quantity + held ? new(
            false, false, "offer/capacity",
            $"There are {Text.Of(offered.Terms.Capacity.Value)} of '{sku}' at a time, and {Text.Of(held)} " +
            $"are ordered: {Text.Of(quantity)} more do not fit.")
        : new(true, offered.Terms.NeedsApproval, "", offered.Terms.NeedsApproval
            ? "Its landlord decides on each request." : "It can be had.");

    private static Offered Reticent(Offered offered) =>
        offered with { Terms = offered.Terms with { Audience = Audience.All }, Draft = null };

    private static CatalogItem Item(
        SheetInForce sheet, Sku sku, Offered offered, bool isLimited, IEnumerable<ComparedSku> beside) => new(
        sheet.Sheet.Landlord, sheet.Sheet.Service, sku.Id,
        [.. sku.Match.SelectMany(match => match.Clusters).Distinct() is var named && named.Any()
            ? named : sheet.Sheet.Clusters],
        [.. sku.Match.SelectMany(match => match.Kinds).Distinct().Order(StringComparer.Ordinal)],
        new(RateOf(sku), sku.Unit, sheet.Sheet.Currency), ModelOf(sku), sheet.Published.Id,
        $"{offered.State}".ToLowerInvariant(), offered.Terms, isLimited, offered.Because,
        [.. beside.Where(one => one.Share is not null).Select(one => new PublicPriceBeside(
            one.Provider, one.AsOf, one.Offer ?? "", one.Share!.Value, one.Verdict == "kept"))]);

    /// <summary>What single customers reserved or promised is between them and the landlord.</summary>
    private static decimal RateOf(Sku sku) => sku.Model is Flat || sku.Rate != 0 || sku.Model.Bound.Any()
        ? sku.Rate
        : sku.Model.Rates.FirstOrDefault();

    private static string ModelOf(Sku sku) => sku.Model switch
    {
        Reservation or Commitment => "flat",
        TimeOfDay => "time of day",
        PassThrough => "pass-through",
        var model => model.GetType().Name.ToLowerInvariant(),
    };
}
