using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Bills of other clouds as charges of the landlord who sells them on: each cost is passed on with the markup of the
/// landlord's sheet, and what leaves that cloud is passed on as it is, for it is that cloud's fee and never one of a
/// landlord here. Credits stay credits.
/// </summary>
public static class FederatedBill
{
    /// <summary>A sheet passes bills on by a SKU of model 'pass-through' that counts this meter of this kind.</summary>
    public const string Kind = "bill";

    /// <summary>The same.</summary>
    public const string Meter = "cost_usd";

    private const string Leaving = ", data that left";

    private static readonly string[] Telling =
    [
        "ChargeDescription", "SkuId", "SkuMeter", "SkuPriceDetails", "x_UsageType", "x_Operation", "x_SkuMeterName",
        "x_SkuDescription", "ServiceSubcategory",
    ];

    private static readonly string[] Inbound = ["inbound", "transfer-in", "transfer in", "-in-bytes", "ingress"];

    /// <summary>Whose cost a row is: that of the account inside the bill, where the bill tells them apart.</summary>
    public static ProjectId ProjectOf(FocusRow row) => new(row.SubAccount ?? row.BillingAccount);

    public static ResourceId ResourceOf(FocusRow row) => new(row.Landlord, row.Cluster, Kind, row.BillingAccount);

    /// <summary>
    /// When in a month a row counts: when it was charged, and at the nearest moment of the month that it is billed
    /// with.
    /// Null when it is billed with another month.
    /// </summary>
    public static Instant? At(FocusRow row, BillingMonth month) =>
        BillingMonth.Of(row.BillingPeriod.Start) != month ? null
        : Instant.Max(month.Start, Instant.Min(row.ChargePeriod.Start, month.End - Duration.FromSeconds(1)));

    /// <summary>
    /// What of a line a row belongs to: a service, and apart from it what left by the service.
    /// </summary>
    public static string StepOf(FocusRow row) =>
        row.Service.Replace(':', ' ') + (IsEgress(row) ? Leaving : ""); // A colon ends a part of a charge's id.

    /// <summary>Whether a step is what left by a service.</summary>
    public static bool IsLeaving(string step, string service) => step == service + Leaving;

    /// <summary>Whether a row is about data that leaves the other cloud, as far as its words tell.</summary>
    public static bool IsEgress(FocusRow row)
    {
        var words = Telling.Select(column => row.Columns.GetValueOrDefault(column)).OfType<string>()
            .Append(row.Service).ToList();
        return words.Any(Egress.IsNamedBy) && !words.Any(word => Inbound.Any(mark =>
            word.Contains(mark, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>One charge for each service of a line, and one for what left by it; nothing is lost.</summary>
    /// <param name="tooMuch">Told of a line that comes to more than a charge may.</param>
    internal static IEnumerable<Charge> Charges(Line line, RateRequest request, Action<Line> tooMuch) =>
        from step in line.Billed.OrderBy(of => of.Key.Name, StringComparer.Ordinal)
            .ThenBy(of => of.Key.Provider, StringComparer.Ordinal)
                .ThenBy(of => of.Key.Hand?.Since, StringComparer.Ordinal)
        let markup = step.Key.Name.EndsWith(Leaving, StringComparison.Ordinal)
            ? 0
            : ((PassThrough)line.Sku.Model).Markup
        where !IsTooMuch(line, step.Value, markup, tooMuch)
        let quantity = new Quantity(step.Value, line.Sku.Unit)
        let rate = new Rate(1 + markup, line.Sku.Unit, line.Sheet.Sheet.Currency)
        select new Charge
        {
            Month = request.Month,
            Period = step.Key.Hand?.Period ?? line.Sheet.Period,
            Since = step.Key.Hand?.Since ?? "",
            Landlord = line.Sheet.Sheet.Landlord,
            Service = line.Sheet.Sheet.Service,
            Cluster = line.Cluster,
            Project = line.Project,
            Sku = line.Sku.Id,
            Step = step.Key.Name,
            Quantity = quantity,
            Rate = rate,
            Amount = Money.Round(rate.Of(quantity)),
            Sheet = line.Sheet.Published.Id,
            Policies = line.Policies.Name,
            Bought = new(step.Key.Provider, rate with { Amount = 1 }, Money.Round(step.Value))
            {
                Kind = PayeeKind.OtherCloud,
            },
        };

    private static bool IsTooMuch(Line line, decimal cost, decimal markup, Action<Line> tooMuch)
    {
        var isTooMuch = LargestCharge.IsExceededBy(cost, markup);
        if (isTooMuch)
        {
            tooMuch(line);
        }

        return isTooMuch;
    }
}
