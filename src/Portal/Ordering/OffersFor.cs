using Exchange.Invoicing.Charging;
using Exchange.Market.Offers;
using Exchange.Portal.Names;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What is offered to whoever asks, and whether a project may have it.</summary>
internal static class OffersFor
{
    /// <summary>Whether what is typed is in the kind, the SKU, the service or the landlord of an offer.</summary>
    public static bool Finds(CatalogItem item, string? search) => string.IsNullOrWhiteSpace(search) ||
        item.Kinds.Append(item.Sku.Value).Append(item.Service).Append(item.Landlord.Value).Any(
            text => text.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <param name="quantity">How many units at a time; 0 where that is not said.</param>
    /// <exception cref="RefusedException">Nobody sells it there.</exception>
    public static async Task<Availability> MayHave(
        Composition exchange, LandlordId landlord, OfferName offer, (ClusterId? Cluster, ProjectId Project) customer,
        decimal quantity, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var books = await exchange.Prices.Get(ct);
        if (!Catalog.Sold(books, landlord, now).Contains(offer))
        {
            throw new RefusedException(new(
                "offer/unknown", $"{landlord} sells no '{offer.Sku}' as a part of '{offer.Service}'. " +
                "'exchange offers list' shows what is sold.", $"{landlord}/{offer}"));
        }

        var rating = await RatingNow.Read(exchange.Sources, ct);
        var clusters = customer.Cluster is { } one ? [one] : books.Show(landlord, now)
            .Where(sheet => sheet.Sheet.Service == offer.Service).SelectMany(sheet => sheet.Sheet.Clusters).ToArray();
        var institution = clusters.Select(cluster => rating.Attribution.Of(cluster, customer.Project, now).Institution)
            .FirstOrDefault(found => found is not null);
        var offered = (await exchange.Kept.State(LandlordOffers.Fold, landlord, ct)).Of(offer);
        var held = quantity > 0
            ? (await exchange.Kept.State(Supplied.Fold, landlord, ct)).MaxIn(offer, new(now, now + Duration.Epsilon))
            : 0;
        return Catalog.MayHave(offered, offer.Sku, customer.Project, institution, quantity, held);
    }

    /// <summary>Whether what is priced so is offered to whoever asks.</summary>
    public static async Task<Func<Charge, bool>> Sees(
        Composition exchange, PriceBooks books, CatalogViewer viewer, CancellationToken ct) =>
        Sees(viewer, await CatalogFor.Offers(exchange, books, ct), books);

    /// <summary>A credit is for whom the charge is that it credits.</summary>
    public static Func<Charge, bool> Sees(
        CatalogViewer viewer, IReadOnlyDictionary<LandlordId, LandlordOffers> offers, PriceBooks books)
    {
        var sees = Sees(viewer, offers);
        return charge => charge.Avoided is not null || sees(
            charge.Landlord, new(charge.Service, ServiceCredits.SkuOf(charge, books)));
    }

    /// <summary>Whether an offer of a landlord is for whoever asks.</summary>
    public static Func<LandlordId, OfferName, bool> Sees(
        CatalogViewer viewer, IReadOnlyDictionary<LandlordId, LandlordOffers> offers) =>
        (landlord, offer) => viewer.Sees(
            landlord, (offers.GetValueOrDefault(landlord) ?? LandlordOffers.Fold.Initial).Of(offer).Terms);

    /// <summary>The same of what a sheet sells.</summary>
    public static Func<SkuId, bool> Sees(
        CatalogViewer viewer, IReadOnlyDictionary<LandlordId, LandlordOffers> offers, PriceSheet sheet)
    {
        var sees = Sees(viewer, offers);
        return sku => sees(sheet.Landlord, new(sheet.Service, sku));
    }

    /// <summary>A plan at every place, and over the best mix of places, as far as it is for whoever asks.</summary>
    /// <param name="whose">Whose plan; null for somebody who uses nothing.</param>
    public static async Task<(IReadOnlyList<Offer> Offers, Mix Mix)> Priced(
        Composition exchange, PriceBooks books, (IReadOnlyList<QuotedUsage> Usage, Instant At) plan,
        CatalogViewer viewer, QuoteFor? whose, CancellationToken ct)
    {
        var sees = await Sees(exchange, books, viewer, ct);
        var (offers, mix) = Quote.OfAndBest(
            books, plan.Usage, plan.At, whose: (whose ?? QuoteFor.Anybody) with { IsOffered = sees });
        return (Theirs(offers, sees), mix);
    }

    /// <summary>
    /// What of priced places is for whoever asks. The rest is left out of what they cost and they serve a part; a place
    /// of which nothing is for them is not there, as in the catalog.
    /// </summary>
    public static IReadOnlyList<Offer> Theirs(IEnumerable<Offer> offers, Func<Charge, bool> sees)
    {
        var theirs = new List<Offer>();
        foreach (var offer in offers)
        {
            var had = offer.Charges.Where(sees).ToList();
            if (had.Count == offer.Charges.Count)
            {
                theirs.Add(offer);
            }
            else if (had.Exists(charge => charge.Avoided is null))
            {
                theirs.Add(offer with
                {
                    Charges = had,
                    Total = Money.Sum(had.Select(charge => charge.Amount)),
                    Missing = [.. offer.Missing, "A part of it is offered to others only."],
                });
            }
        }

        return
        [
            .. theirs.OrderByDescending(offer => offer.ServesAll).ThenBy(offer => offer.Total.Cents)
                .ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
                .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
        ];
    }

    /// <exception cref="RefusedException">A part of the plan is not for this project.</exception>
    public static async Task Demand(
        Composition exchange, IEnumerable<Charge> charges, ProjectId project, CancellationToken ct)
    {
        foreach (var of in charges.Where(charge => charge.Avoided is null)
            .Select(charge => (charge.Landlord, Offer: new OfferName(charge.Service, charge.Sku), charge.Cluster))
            .Distinct())
        {
            var may = await MayHave(exchange, of.Landlord, of.Offer, (of.Cluster, project), 0, ct);
            if (!may.IsAllowed)
            {
                throw new RefusedException(new(may.Code, may.Why, $"{of.Landlord}/{of.Offer}"));
            }
        }
    }
}
