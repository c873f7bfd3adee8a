using NodaTime;

namespace Exchange.Portal.Costs;

/// <summary>
/// Costs by resource: each charge is shared over the resources behind it by use, to the cent. What came already rated
/// has none: it stays with an empty name, so that the sum is the same.
/// </summary>
internal static class ResourceCosts
{
    private const int MaxCharges = 2_000;

    public static async Task<IReadOnlyList<CostRow>> Run(
        View view, Composition exchange, CostWalls walls, CostQuery query, Instant now, CancellationToken ct)
    {
        var place = query.GroupBy.ToList().IndexOf(CostDimension.Resource);
        List<CostDimension> dimensions =
        [
            .. query.GroupBy.Select(one => one == CostDimension.Resource ? CostDimension.Charge : one),
            .. query.Has(CostDimension.Month) ? Array.Empty<CostDimension>() : [CostDimension.Month],
        ];
        var month = dimensions.IndexOf(CostDimension.Month);
        var byCharge = await ReadCosts.Run(view, walls, query with { GroupBy = dimensions }, ct);
        var shares = await Shares(
            view, exchange, [.. byCharge.Select(row => (row.Keys[month], row.Keys[place])).Distinct()], now, ct);
        var rows = new CostRows();
        foreach (var row in byCharge)
        {
            var parts = shares.GetValueOrDefault((row.Keys[month], row.Keys[place]), [("", 1)]);
            int[] weights = [.. parts.Select(part => part.Weight)];
            var costs = DaysOfCharge.Share(row.Figures.Cost.Cents, weights);
            var credits = DaysOfCharge.Share(row.Figures.Credits.Cents, weights);
            var usage = row.Figures.Usage.Select(
                of => (of.Unit.Name, DaysOfCharge.Share(0, of.Amount, weights).Quantities)).ToList();
            for (var i = 0; i < parts.Count; i++)
            {
                string[] keys = [.. row.Keys.Take(query.GroupBy.Count)];
                keys[place] = parts[i].Resource;
                var sum = rows[keys, row.Title];
                sum.Add(costs[i], credits[i], "", 0);
                usage.ForEach(of => sum.Add(0, 0, of.Name, of.Quantities[i]));
            }
        }

        return rows.All;
    }

    private static async Task<Dictionary<(string, string), List<(string Resource, int Weight)>>> Shares(
        View view, Composition exchange, IReadOnlyList<(string Month, string Charge)> charges, Instant now,
        CancellationToken ct)
    {
        if (charges.Count > MaxCharges)
        {
            throw new RefusedException(new(
                "costs/too-many-charges",
                $"There are {charges.Count} charges, and resources are shown of at most {MaxCharges}. Narrow by a " +
                "project or a PI, or ask for fewer months.", "group_by"));
        }

        var shares = new Dictionary<(string, string), List<(string, int)>>();
        foreach (var (charge, resources) in await new ResourcesBehind(view, exchange, now).Of(charges, ct))
        {
            if (resources.Exists(resource => !resource.Amount.IsZero))
            {
                shares[charge] = [.. resources.Select(resource => (resource.Name, Weight(resource.Amount)))];
            }
        }

        return shares;
    }

    private static int Weight(Money amount) => (int)Math.Min(Math.Abs(amount.Cents), int.MaxValue);
}
