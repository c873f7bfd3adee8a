namespace Exchange.Rating;

/// <summary>The prices of each cluster of a rated period, each looked up once.</summary>
internal sealed class PriceLookup(PriceBooks books, RateRequest request)
{
    private readonly Dictionary<(LandlordId, ClusterId), ClusterPrices> _clusters = [];
    private readonly Dictionary<string, bool> _egress = [];

    public PriceBooks Books => books;

    public ClusterPrices Of(LandlordId landlord, ClusterId cluster)
    {
        if (!_clusters.TryGetValue((landlord, cluster), out var prices))
        {
            _clusters[(landlord, cluster)] = prices = new(books, landlord, cluster, request);
        }

        return prices;
    }

    public bool IsEgress(string meter) =>
        _egress.TryGetValue(meter, out var known) ? known : _egress[meter] = Egress.IsNamedBy(meter);

    /// <summary>Whether some landlord who is asked for sells such a SKU in the period.</summary>
    public bool Sells(Func<Sku, bool> what) => books.List().Any(
        sheet => sheet.Period.Clip(request.Period) is not null &&
            (request.Landlord ?? sheet.Sheet.Landlord) == sheet.Sheet.Landlord && sheet.Sheet.Skus.Any(what));
}
