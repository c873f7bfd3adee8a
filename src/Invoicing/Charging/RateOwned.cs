using Exchange.Metering;
using Exchange.Rating;

namespace Exchange.Invoicing.Charging;

/// <summary>
/// Rates a month and says who answers for each charge. Charges of a project that changes hands inside the month are
/// split, so that each owner gets what was used in their time.
/// </summary>
public static class RateOwned
{
    /// <param name="explain">Told each part of each charge, when given.</param>
    /// <param name="byName">Whether parts are told in the order of resources, which holds all usage at once.</param>
    public static async Task<MonthCharges> Run(
        Meter meter, PriceBooks books, Attribution attribution, RateRequest request, CancellationToken ct,
        Action<Contribution>? explain = null, bool byName = true)
    {
        return Of(await RateMonth.Run(meter, books, attribution, request, ct, explain, byName), attribution,
            request.Month);
    }

    /// <summary>Charges with who answers for each.</summary>
    public static MonthCharges Of(Rated rated, Attribution attribution, BillingMonth month)
    {
        var owned = rated.Charges.Select(charge => new OwnedCharge(
            charge, attribution.Of(charge.Cluster, charge.Project, charge.Period.Start)))
            .ToLookup(one => one.Owner.NotBilled is null);
        return new(month, [.. owned[true]], [.. rated.Unpriced]) { NotBilled = [.. owned[false]] };
    }
}
