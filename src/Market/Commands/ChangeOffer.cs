using Exchange.Journal;
using Exchange.Market.Offers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange offers draft | publish | pause | retire' — what a landlord says of one of its SKUs.</summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="LandlordOffers"/>.</param>
public sealed class ChangeOffer(
    LandlordId landlord, OfferName offer, string act, Func<LandlordOffers, Instant, Decision<OfferEvent>> rule)
    : ICommand<Offered>
{
    public string Act => act;
    public string Target => $"{landlord}/{offer}";
    public string Permission => MarketPermissions.KeepOffers;

    /// <returns>How the offer stands now.</returns>
    public async Task<Offered> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var offers = await work.State(LandlordOffers.Fold, landlord, ct);
        var said = rule(offers, now).OrThrow();
        work.Append(LandlordOffers.Fold.StreamOf(landlord), said);
        return said.Aggregate(offers, LandlordOffers.Fold.Evolve).Of(offer);
    }
}
