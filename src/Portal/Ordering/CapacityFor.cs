using Exchange.Market.Leases;
using Exchange.Market.Offers;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What there is of something at an instant, and what of it is free.</summary>
/// <param name="Where">The cluster of nodes, or the service of an offer.</param>
/// <param name="What">'nodes', or the SKU that is offered.</param>
/// <param name="Held">By leases or open orders of customers.</param>
/// <param name="Own">What the landlord keeps for itself, free of charge.</param>
internal sealed record CapacityRow(
    LandlordId Landlord, string Where, string What, decimal Declared, decimal Held, decimal Own)
{
    public decimal Free => Declared - Held - Own;
}

/// <summary>
/// 'exchange capacity list' — what landlords declared, of which they and others hold a part: nodes that are lent, and
/// offers of which it is said how much there is.
/// </summary>
internal static class CapacityFor
{
    public static async Task<IReadOnlyList<CapacityRow>> Rows(
        Composition exchange, LandlordId? landlord, Instant at, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        var rows = new List<CapacityRow>();
        foreach (var one in books.List().Select(sheet => sheet.Sheet.Landlord)
            .Concat(exchange.Landlords.All.Select(known => known.Id)).Distinct()
            .Where(one => (landlord ?? one) == one).OrderBy(one => one.Value, StringComparer.Ordinal))
        {
            var nodes = (await exchange.Kept.State(DeclaredNodes.Fold, one, ct)).All
                .Where(node => node.Period.Contains(at)).ToList();
            var held = books.Agreements.Leases
                .Where(lease => lease.Landlord == one && lease.Parent is null && lease.Period.Contains(at))
                .SelectMany(lease => lease.Nodes.Select(node => (lease.Cluster, Node: node, lease.IsOwn)))
                .ToLookup(of => of.Cluster);
            rows.AddRange(nodes.GroupBy(node => node.Cluster).OrderBy(of => of.Key.Value, StringComparer.Ordinal)
                .Select(of => new CapacityRow(
                    one, of.Key.Value, "nodes", of.Select(node => node.Node).Distinct().Count(),
                    held[of.Key].Count(node => !node.IsOwn), held[of.Key].Count(node => node.IsOwn))));
            var offers = await exchange.Kept.State(LandlordOffers.Fold, one, ct);
            var supplied = await exchange.Kept.State(Supplied.Fold, one, ct);
            rows.AddRange(
                from offer in Catalog.Sold(books, one, at)
                let capacity = offers.Of(offer).Terms.Capacity
                where capacity is not null
                orderby offer.Service, offer.Sku.Value
                select new CapacityRow(
                    one, offer.Service, offer.Sku.Value, capacity.Value,
                    supplied.MaxIn(offer, new(at, at + Duration.Epsilon)), 0));
        }

        return rows;
    }
}
