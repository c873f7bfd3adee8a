namespace Exchange.Rating;

/// <summary>
/// What a landlord buys in tiers is priced once for the month: the sum over all of its customers by the tiers, rounded
/// once, and shared over the charges in proportion. Customers see nothing of it, and pay what they paid.
/// </summary>
internal static class WholesaleTiers
{
    private const decimal Parts = 1_000_000_000_000m;

    public static IReadOnlyList<Charge> Share(
        IReadOnlyList<(Line Line, Charge Charge, Exact Quantity)> charges)
    {
        Charge[] shared = [.. charges.Select(one => one.Charge)];
        var bought = charges.Select((one, n) => (one.Line, one.Charge.Bought, n)).Where(one =>
            one.Bought is { Kind: PayeeKind.Landlord } && one.Line is { Lessor: null, Sku.Wholesale: not null } &&
            one.Line.Sku.Wholesale.Tiers.ContainsKey(one.Bought.Payee));
        foreach (var together in bought.GroupBy(
            one => (one.Line.Sheet.Published.Id, one.Line.Sku.Id, one.Bought!.Payee), one => (one.Line, one.n)))
        {
            List<int> at = [.. together.Select(one => one.n)];
            foreach (var (n, cost) in at.Zip(Costs(
                together.First().Line.Sku.Wholesale!.Tiers[together.Key.Payee],
                [.. at.Select(n => (charges[n].Charge.Bought!, charges[n].Quantity))])))
            {
                shared[n] = shared[n] with { Bought = cost };
            }
        }

        return shared;
    }

    private static IEnumerable<WholesaleCost> Costs(
        Graduated tiers, IReadOnlyList<(WholesaleCost Bought, Exact Quantity)> of)
    {
        var total = Exact.Sum(of.Select(one => one.Quantity));
        var cost = Exact.Sum(tiers.Price(total, 0, default).Select(step => step.Quantity * Exact.Of(step.Rate)));
        var amounts = Money.Round(cost.ToDecimal()).Share(
            [.. of.Select(one => (long)((one.Quantity / total).ToDecimal() * Parts))]);
        var each = (cost / total).ToDecimal();
        return of.Zip(amounts, (one, amount) => one.Bought with
        {
            Rate = one.Bought.Rate with { Amount = each },
            Amount = amount,
        });
    }
}
