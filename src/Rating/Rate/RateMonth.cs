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
        if (!request.Period.IsEmpty)
        {
            await meter.Read(
                rater.Needs, byName: explain is not null, segment => rater.Add(segment), rater.Add, ct);
            await foreach (var row in meter.Bills.Focus(request.Month.Period, request.Landlord, ct))
            {
                rater.Add(row);
            }
        }

        return rater.Finish();
    }
}
