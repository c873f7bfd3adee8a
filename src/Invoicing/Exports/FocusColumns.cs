using System.Text.Json;
using Exchange.Rating;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// What stands in a row of FOCUS. A row is a line of an invoice: its cost before funds, what the exchange is owed
/// for it, and what the PI was billed. What others pay is in the columns of our own, and from 1.3 on in rows of its own
/// too (<see cref="FocusPayers"/>); what an institution took is not billed to the PI then.
/// </summary>
internal static class FocusColumns
{
    public const string Null = "NULL";

    /// <summary>One row's input: the line, and what its names are resolved with.</summary>
    /// <param name="Unit">Its unit as FOCUS writes it.</param>
    internal sealed record ExportRow(
        BillingMonth Month, BilledLine Billed, string LandlordTitle, FocusService Service, string Unit)
    {
        public InvoiceLine Line => Billed.Line;

        /// <summary>The legal name of who issues the invoice.</summary>
        public required string IssuedBy { get; init; }

        /// <summary>Whether somebody else's invoice, which has rows too, asks for what the PI would owe.</summary>
        public bool IsTaken { get; init; }
        public string Exact { get; } = Text.Of(Billed.Line.Rate.Of(Billed.Line.Quantity));
        public string Quantity { get; } = Text.Of(Billed.Line.Quantity.Amount);
        public string Rate { get; } = Text.Of(Billed.Line.Rate.Amount);
        public string Balance { get; } = Of(Billed.Line.Balance);

        /// <summary>What is owed used or not; null for what was used.</summary>
        public FocusStanding? Standing { get; } = FocusStanding.Of(Billed.Line);
    }

    private static readonly (string Name, Func<ExportRow, string?> Cell)[] Standard =
    [
        ("AvailabilityZone", row => row.Line.Cluster.Value),
        ("BilledCost", row => row.IsTaken ? "0" : Of(row.Line.PiBalance)),
        ("BillingAccountId", row => row.Billed.Account.Name),
        ("BillingAccountName", row => row.Billed.Account.Name),
        ("BillingAccountType", row => row.Billed.Account.Pi is null ? "Suspense" : "PI"),
        ("BillingCurrency", row => row.Line.Amount.Currency.ToString()),
        ("BillingPeriodEnd", row => Of(row.Month.End)),
        ("BillingPeriodStart", row => Of(row.Month.Start)),
        ("CapacityReservationId", row => row.Standing?.Reservation),
        ("CapacityReservationStatus", row => row.Standing?.Reservation is null ? null : FocusStanding.Status),
        ("ChargeCategory", _ => "Usage"),
        ("ChargeClass", row => row.Line.Adjusts is null ? null : "Correction"),
        ("ChargeDescription", row => $"{row.Line.Title} in {row.Line.Cluster}" +
            (row.Line.Adjusts is { } month ? $", correction of {month}" : "")),
        ("ChargeFrequency", row => row.Standing is null ? "Usage-Based" : "Recurring"),
        ("ChargePeriodEnd", row => Of(row.Line.ServicePeriod.End)),
        ("ChargePeriodStart", row => Of(row.Line.ServicePeriod.Start)),
        ("CommitmentDiscountCategory", row => row.Standing?.Category),
        ("CommitmentDiscountId", row => row.Standing?.Id),
        ("CommitmentDiscountName", row => row.Standing?.Name),
        ("CommitmentDiscountQuantity", row => row.Standing is not { } standing ? null
            : standing.IsSpend ? Of(row.Line.Amount) : row.Quantity),
        ("CommitmentDiscountStatus", row => row.Standing is null ? null : FocusStanding.Status),
        ("CommitmentDiscountType", row => row.Standing?.Type),
        ("CommitmentDiscountUnit", row => row.Standing is not { } standing ? null
            : standing.IsSpend ? row.Line.Amount.Currency.ToString() : row.Unit),
        ("ConsumedQuantity", row => row.Quantity),
        ("ConsumedUnit", row => row.Unit),
        ("ContractedCost", row => row.Exact),
        ("ContractedUnitPrice", row => row.Rate),
        ("EffectiveCost", row => row.Balance),
        ("InvoiceId", row => row.Billed.Invoice ?? Provisional(row)),
        ("InvoiceIssuerName", row => row.IssuedBy),
        ("ListCost", row => row.Exact),
        ("ListUnitPrice", row => row.Rate),
        ("PricingCategory", row => row.Standing is null ? "Standard" : "Committed"),
        ("PricingCurrency", row => row.Line.Amount.Currency.ToString()),
        ("PricingCurrencyContractedUnitPrice", row => row.Rate),
        ("PricingCurrencyEffectiveCost", row => row.Balance),
        ("PricingCurrencyListUnitPrice", row => row.Rate),
        ("PricingQuantity", row => row.Quantity),
        ("PricingUnit", row => row.Unit),
        ("ProviderName", row => row.IssuedBy), // BilledCost would have to be 0 if the landlord stood here.
        ("PublisherName", row => row.LandlordTitle),
        ("RegionId", _ => null),
        ("RegionName", _ => null),
        ("ResourceId", row => $"{row.Line.Landlord}/{row.Line.Cluster}/{row.Line.Project}"),
        ("ResourceName", row => row.Line.ProjectName),
        ("ResourceType", _ => "Project"),
        ("ServiceCategory", row => row.Service.Category),
        ("ServiceName", row => row.Service.NameAt(row.LandlordTitle)),
        ("ServiceSubcategory", row => row.Service.Subcategory),
        ("SkuId", row => $"{row.Line.Landlord}/{row.Line.Service}/{row.Line.Sku}"),
        ("SkuMeter", row => row.Line.Quantity.Unit.Name),
        ("SkuPriceDetails", row => OneKey("x_Sheet", row.Line.Sheet)),
        ("SkuPriceId", row => $"{row.Line.Sheet}/{row.Line.Sku}"),
        ("SubAccountId", row => $"{row.Line.Cluster}/{row.Line.Project}"),
        ("SubAccountName", row => row.Line.ProjectName),
        ("SubAccountType", _ => "Project"),
        ("Tags", row => OneKey("cluster", row.Line.Cluster.Value)),
    ];

    private static readonly (string Name, Func<ExportRow, string?> Cell)[] Ours =
    [
        ("x_Amount", row => Of(row.Line.Amount)),
        ("x_ChargeId", row => row.Line.ChargeId),
        ("x_CorrectedMonth", row => row.Line.Adjusts?.ToString()),
        ("x_EgressElsewhere", row => row.Line.Avoided is { } avoided ? Of(avoided) : null),
        ("x_Funds", row => row.Line.Funds.IsEmpty ? null : JsonSerializer.Serialize(
            row.Line.Funds.GroupBy(fund => fund.Fund).ToDictionary(
                same => same.Key, same => Money.Sum(same.Select(fund => fund.Amount)).Amount), Text.Json)),
        ("x_Institution", row => row.Billed.Institution),
        ("x_Landlord", row => row.Line.Landlord.Value),
        ("x_PaidByOtherFunds", row => Of(row.Line.Amount - row.Line.Balance)),
        ("x_PaidBySubsidies", row => Of(row.Line.Balance - row.Line.PiBalance)),
    ];

    /// <summary>What 1.3 adds; no cost is split among resources, and no contract commits anybody to spend.</summary>
    private static readonly (string Name, Func<ExportRow, string?> Cell)[] Since13 =
    [
        ("AllocatedMethodDetails", _ => null),
        ("AllocatedMethodId", _ => null),
        ("AllocatedResourceId", _ => null),
        ("AllocatedResourceName", _ => null),
        ("AllocatedTags", _ => null),
        ("ContractApplied", _ => null),
        ("HostProviderName", row => row.LandlordTitle),
        ("ServiceProviderName", row => row.IssuedBy),
    ];

    private static readonly (string Name, Func<ExportRow, string?> Cell)[] OursSince13 =
    [
        ("x_CustomerCode", _ => null),
        ("x_PaidFor", _ => null),
    ];

    private static readonly (string Name, Func<ExportRow, string?> Cell)[] All = [.. Standard, .. Ours];

    private static readonly (string Name, Func<ExportRow, string?> Cell)[] All13 =
    [
        .. Standard.Concat(Since13).OrderBy(column => column.Name, StringComparer.Ordinal),
        .. Ours.Concat(OursSince13).OrderBy(column => column.Name, StringComparer.Ordinal),
    ];

    public static IEnumerable<string> Heading(FocusVersion version) => Of(version).Select(column => column.Name);

    public static IEnumerable<string> Cells(FocusVersion version, ExportRow row) =>
        Of(version).Select(column => Cell(column.Name, column.Cell, row) is { Length: > 0 } cell ? cell : Null);

    private static (string Name, Func<ExportRow, string?> Cell)[] Of(FocusVersion version) =>
        version == FocusVersion.V13 ? All13 : All;

    /// <summary>
    /// What a service level credits has no price and no quantity, and all its costs are what was credited; where it is
    /// taken back, it is an adjustment.
    /// </summary>
    private static string? Cell(string name, Func<ExportRow, string?> cell, ExportRow row) => !row.Line.IsCredit
        ? cell(row)
        : name switch
        {
            "ChargeCategory" => row.Line.Amount < Money.Zero && !row.IsTaken ? "Credit" : "Adjustment",
            "ChargeFrequency" => "One-Time",
            "ContractedCost" or "EffectiveCost" or "ListCost" or "PricingCurrencyEffectiveCost" =>
                Of(row.Line.PiBalance),
            "ConsumedQuantity" or "ConsumedUnit" or "ContractedUnitPrice" or "ListUnitPrice" or "PricingCategory" or
                "PricingCurrencyContractedUnitPrice" or "PricingCurrencyListUnitPrice" or "PricingQuantity" or
                "PricingUnit" or "SkuId" or "SkuMeter" or "SkuPriceDetails" or "SkuPriceId" => null,
            _ => cell(row),
        };

    /// <summary>'SU-hour' as FOCUS writes units: 'SU-Hours'.</summary>
    internal static string UnitOf(Unit unit)
    {
        var parts = unit.Name.Split('-');
        var isTime = parts[^1] is "second" or "minute" or "hour" or "day" or "month" or "year";
        return string.Join('-', parts.Select((part, i) =>
            char.ToUpperInvariant(part[0]) + part[1..] + (i == parts.Length - 1 && isTime ? "s" : "")));
    }

    /// <summary>What nobody answers for yet is on no invoice: one that stands for it until somebody does.</summary>
    private static string? Provisional(ExportRow row) =>
        row.Billed.Account.Pi is null ? $"provisional-{row.Month}-suspense" : null;

    private static string OneKey(string key, string value) =>
        $"{{\"{key}\":\"{JsonEncodedText.Encode(value, Text.Json.Encoder)}\"}}";

    private static string Of(Money money) => Text.Of(money.Amount);

    private static string Of(Instant instant) => InstantPattern.General.Format(instant);
}

/// <summary>Which of FOCUS's services a line belongs to; a service has one category only.</summary>
internal sealed record FocusService(string Service, string Category, string Subcategory)
{
    public static FocusService Of(InvoiceLine line)
    {
        var isStorage = line.Quantity.Unit.Name.StartsWith("GiB-", StringComparison.Ordinal) ||
            line.Quantity.Unit.Name.StartsWith("TiB-", StringComparison.Ordinal);
        return line.Avoided is not null || Egress.IsNamedBy(line.Sku.Value)
            ? new(line.Service, "Networking", "Network Connectivity")
            : isStorage
                ? new(line.Service, "Storage", line.Service.Contains("block", StringComparison.OrdinalIgnoreCase)
                    ? "Block Storage"
                    : "Other (Storage)")
                : new(line.Service, "Compute", line.Service switch
                {
                    "openstack" => "Virtual Machines",
                    "openshift" => "Containers",
                    _ => "Other (Compute)",
                });
    }

    public string NameAt(string landlord) => $"{landlord}: {Service} ({Category.ToLowerInvariant()})";
}
