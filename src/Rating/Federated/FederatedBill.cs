using Exchange.Metering.Collectors;

namespace Exchange.Rating;

/// <summary>
/// Bills of other clouds as charges: each cost is passed on with the exchange's markup, and what leaves that cloud is
/// passed on as it is, for it is that cloud's fee and never one of a landlord here. Credits stay credits.
/// </summary>
public static class FederatedBill
{
    private static readonly Unit Dollar = new("USD");

    private static readonly string[] Telling =
    [
        "ChargeDescription", "SkuId", "SkuMeter", "SkuPriceDetails", "x_UsageType", "x_Operation", "x_SkuMeterName",
        "x_SkuDescription", "ServiceSubcategory",
    ];

    private static readonly string[] Inbound = ["inbound", "transfer-in", "transfer in", "-in-bytes", "ingress"];

    /// <summary>One charge for each sub-account and service, and one for what left by it; nothing is lost.</summary>
    /// <param name="rows">Those in force: a bill that was issued again takes the place of the one before.</param>
    /// <param name="markup">A share: 0.05 adds five percent to everything but egress.</param>
    public static IReadOnlyList<Charge> Charges(IEnumerable<FocusRow> rows, BillingMonth month, decimal markup)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(markup);
        return
        [
            .. from row in rows
               let leaves = IsEgress(row)
               group row by (row.Provider, Project: row.SubAccount ?? row.BillingAccount, row.Service, leaves) into one
               orderby one.Key.Provider, one.Key.Project, one.Key.Service, one.Key.leaves
               select Of(one.Key.Provider, one.Key.Project, one.Key.Service, one.Key.leaves,
                   one.Sum(row => row.BilledCost), month, markup),
        ];
    }

    /// <summary>Whether a row is about data that leaves the other cloud, as far as its words tell.</summary>
    public static bool IsEgress(FocusRow row)
    {
        var words = Telling.Select(column => row.Columns.GetValueOrDefault(column)).OfType<string>().ToList();
        return words.Any(Egress.IsNamedBy) && !words.Any(word => Inbound.Any(mark =>
            word.Contains(mark, StringComparison.OrdinalIgnoreCase)));
    }

    private static Charge Of(
        string provider, string project, string service, bool leaves, decimal cost, BillingMonth month, decimal markup)
    {
        var rate = new Rate(leaves ? 1 : 1 + markup, Dollar);
        var quantity = new Quantity(cost, Dollar);
        var name = provider.ToLowerInvariant();
        return new()
        {
            Month = month,
            Period = month.Period,
            Landlord = new(name),
            Service = service,
            Cluster = new(name),
            Project = new(project),
            Sku = new(leaves ? $"{service}: data that left" : service),
            Quantity = quantity,
            Rate = rate,
            Amount = Money.Round(rate.Of(quantity)),
            Sheet = $"{name}/bill/{month}",
            Policies = Policies.Corrected,
            Bought = new(provider, new(1, Dollar), Money.Round(cost)),
        };
    }
}
