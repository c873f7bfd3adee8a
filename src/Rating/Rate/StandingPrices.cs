using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>
/// Reservations and commitments of a rated period: for the project that holds one, the SKU is priced as if its sheet
/// said so. Everybody else's is as it stands in the sheet.
/// </summary>
internal sealed class StandingPrices
{
    private readonly ILookup<(LandlordId, ClusterId, SkuId), StandingAgreement> _of;

    public StandingPrices(PriceBooks books, RateRequest request)
    {
        All = [.. books.Agreements.Standing.Where(one => one.Period.Overlaps(request.Period) && !one.Period.IsEmpty)];
        _of = All.ToLookup(one => (one.Landlord, one.Cluster, one.Sku));
    }

    public ImmutableArray<StandingAgreement> All { get; }

    /// <summary>The SKU as a project buys it while a sheet holds.</summary>
    public Sku Of(SheetInForce sheet, Sku sku, ClusterId cluster, ProjectId project)
    {
        if (All.IsEmpty)
        {
            return sku;
        }

        var parts = _of[(sheet.Sheet.Landlord, cluster, sku.Id)].Where(one => StandingAgreement.Holds(sku, one.Kind))
            .OrderBy(one => one.Period.Start).ThenBy(one => one.Id, StringComparer.Ordinal)
            .SelectMany(one => one.Parts(), (one, part) => (one, part))
            .Where(of => of.part.Project == project && of.part.Period.Overlaps(sheet.Period))
            .ToLookup(of => of.one.Kind);
        if (parts.Count == 0)
        {
            return sku;
        }

        var model = Promised(sku.Model, [.. parts[StandingKind.Commitment].Select(of =>
            new Promise(cluster, project, of.one.Amount, of.part.Rate)
            {
                Spend = of.one.IsSpend ? of.one.Amount : null,
                Period = of.part.Period,
                Agreement = of.one.Id,
            })]);
        model = Reserved(model, [.. parts[StandingKind.Reservation].Select(of =>
            new Reserved(cluster, project, of.one.Amount, of.part.Rate, of.part.Period) { Agreement = of.one.Id })]);
        return sku with { Model = model, Scope = Scope.Project }; // What it pays depends on nobody else.
    }

    /// <summary>A commitment is of what reservations do not cover.</summary>
    private static PriceModel Promised(PriceModel model, ImmutableArray<Promise> promises) => model switch
    {
        _ when promises.IsEmpty => model,
        Reservation reservation => reservation with { Base = Promised(reservation.Base, promises) },
        Commitment commitment => commitment with { Promises = commitment.Promises.AddRange(promises) },
        _ => new Commitment(promises) { Base = model },
    };

    private static PriceModel Reserved(PriceModel model, ImmutableArray<Reserved> reserved) => model switch
    {
        _ when reserved.IsEmpty => model,
        Reservation reservation => reservation with { All = reservation.All.AddRange(reserved) },
        _ => new Reservation(reserved) { Base = model },
    };
}
