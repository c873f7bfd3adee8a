using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>'exchange rate --month M' — rates what the meter has of a month; writes nothing.</summary>
public static class RateMonth
{
    /// <param name="explain">Told of each contribution to a charge, in the order of resources and time.</param>
    public static async Task<Rated> Run(
        Meter meter, PriceBooks books, RateRequest request, CancellationToken ct,
        Action<Contribution>? explain = null)
    {
        var rater = new Rater(books, request, explain);
        var query = new UsageQuery(request.Period, request.Landlord, request.Cluster, request.Project);
        if (!request.Period.IsEmpty)
        {
            await meter.Read(query, byName: explain is not null, s => rater.Add(s), rater.Add, ct);
        }

        return rater.Finish();
    }
}
