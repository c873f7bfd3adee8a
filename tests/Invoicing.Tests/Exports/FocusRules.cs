using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Exchange.Invoicing.Tests.Exports;

/// <summary>The rules of FOCUS 1.2 that a machine can check, told again from the specification's words.</summary>
internal static partial class FocusRules
{
    private static readonly string[] Mandatory =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
        "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
        "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    ];

    private static readonly string[] NeverNull =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType", "BillingCurrency",
        "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeDescription", "ChargeFrequency",
        "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
        "PricingCurrency", "PricingCurrencyEffectiveCost", "ProviderName", "PublisherName", "ResourceType",
        "ServiceCategory", "ServiceName", "ServiceSubcategory",
    ];

    private static readonly string[] Decimals =
    [
        "BilledCost", "ConsumedQuantity", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "ListCost",
        "ListUnitPrice", "PricingQuantity", "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
    ];

    private static readonly Dictionary<string, string> ParentOf = new(StringComparer.Ordinal)
    {
        ["Virtual Machines"] = "Compute",
        ["Containers"] = "Compute",
        ["Other (Compute)"] = "Compute",
        ["Block Storage"] = "Storage",
        ["Other (Storage)"] = "Storage",
        ["Network Connectivity"] = "Networking",
        ["Other (Other)"] = "Other",
    };

    /// <summary>Every rule that the text breaks, with its row.</summary>
    public static IReadOnlyList<string> Broken(string csv)
    {
        var records = csv.TrimEnd('\n').Split('\n').Select(Cells).ToList();
        var heading = records[0];
        var broken = new List<string>();
        broken.AddRange(Mandatory.Except(heading).Select(missing => $"heading: {missing} is missing"));
        broken.AddRange(heading.Where(name => !Name().IsMatch(name)).Select(name => $"heading: {name}"));
        var own = heading.SkipWhile(name => !name.StartsWith("x_", StringComparison.Ordinal)).ToList();
        broken.AddRange(own.Where(name => !name.StartsWith("x_", StringComparison.Ordinal)));
        broken.AddRange(heading.GroupBy(name => name).Where(same => same.Count() > 1)
            .Select(same => $"heading: {same.Key}"));
        var meters = new Dictionary<string, string>(StringComparer.Ordinal);
        var accounts = new Dictionary<string, string>(StringComparer.Ordinal);
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (cells, number) in records.Skip(1).Select((cells, i) => (cells, i + 1)))
        {
            var row = heading.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second);
            broken.AddRange(OfRow(row).Select(rule => $"row {number}: {rule}"));
            Same(meters, row["SkuId"], row["SkuMeter"], $"row {number}: a SKU has two meters", broken);
            Same(accounts, row["InvoiceId"], row["InvoiceId"] == "NULL" ? "" : row["BillingAccountId"],
                $"row {number}: an invoice to two accounts", broken);
            Same(parents, row["SkuPriceId"], row["SkuId"], $"row {number}: a SKU price has two SKUs", broken);
            Same(categories, row["ServiceName"], row["ServiceCategory"], $"row {number}: two categories", broken);
        }

        return broken;
    }

    private static IEnumerable<string> OfRow(Dictionary<string, string> row)
    {
        string? Of(string name) => row[name] == "NULL" ? null : row[name];
        decimal? Number(string name) => Of(name) is { } text
            ? decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture)
            : null;
        bool IsCorrection() => Of("ChargeClass") == "Correction";
        var isPriced = Of("ChargeCategory") is "Usage" or "Purchase";
        string[] prices =
        [
            "ConsumedQuantity", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory", "PricingQuantity", "SkuId",
            "SkuPriceId",
        ];

        (string Rule, bool Holds)[] rules =
        [
            .. NeverNull.Select(name => ($"{name} is null", Of(name) is not null)),
            ("empty text", row.Values.All(cell => cell.Length > 0)),
            .. row.Keys.Where(name => name.EndsWith("Start", StringComparison.Ordinal) ||
                name.EndsWith("End", StringComparison.Ordinal)).Select(name => ($"{name} is no UTC instant",
                    Utc().IsMatch(row[name]))),
            ("a period ends before it begins", string.CompareOrdinal(
                Of("ChargePeriodStart"), Of("ChargePeriodEnd")) < 0),
            ("ChargeCategory", Of("ChargeCategory") is "Usage" or "Purchase" or "Tax" or "Credit" or "Adjustment"),
            ("ChargeClass", Of("ChargeClass") is null or "Correction"),
            ("ChargeFrequency", Of("ChargeFrequency") is "One-Time" or "Recurring" or "Usage-Based"),
            ("PricingCategory", Of("PricingCategory") is "Standard" or "Dynamic" or "Committed" or "Other" ||
                !isPriced),
            .. prices.Select(name => (
                $"{name} of {Of("ChargeCategory")}", isPriced ? Of(name) is not null || IsCorrection()
                    : Of(name) is null)),
            ("a credit is not all one cost", Of("ChargeCategory") != "Credit" ||
                new[] { "ContractedCost", "EffectiveCost", "ListCost" }.All(
                    name => Number(name) == Number("BilledCost"))),
            ("a credit in favour of the exchange", Of("ChargeCategory") != "Credit" || Number("BilledCost") < 0),
            ("a tax, and none is charged", Of("ChargeCategory") != "Tax"),
            ("SkuMeter and SkuPriceDetails without SKU", Of("SkuId") is not null ||
                (Of("SkuMeter") is null && Of("SkuPriceDetails") is null)),
            ("ServiceSubcategory has another parent", ParentOf[Of("ServiceSubcategory")!] == Of("ServiceCategory")),
            ("ISO 4217", Of("BillingCurrency") == "USD"),
            ("ContractedCost is not price times quantity", !isPriced || IsCorrection() ||
                Number("ContractedCost") == Number("ContractedUnitPrice") * Number("PricingQuantity")),
            ("ListCost is not price times quantity", !isPriced || IsCorrection() ||
                Number("ListCost") == Number("ListUnitPrice") * Number("PricingQuantity")),
            ("a unit price below zero", !(Number("ListUnitPrice") < 0) && !(Number("ContractedUnitPrice") < 0)),
            ("billed by another than the provider", Of("ProviderName") == Of("InvoiceIssuerName") ||
                Number("BilledCost") == 0),
            ("PricingUnit without quantity", Of("PricingUnit") is null == (Of("PricingQuantity") is null)),
            ("ConsumedUnit without quantity", Of("ConsumedUnit") is null == (Of("ConsumedQuantity") is null)),
            ("ResourceName copies ResourceId", Of("ResourceName") != Of("ResourceId")),
            ("SubAccountName", Of("SubAccountName") is null == (Of("SubAccountId") is null)),
            ("ResourceType without ResourceId", Of("ResourceType") is null == (Of("ResourceId") is null)),
            ("SubAccountType without SubAccountId", Of("SubAccountType") is null == (Of("SubAccountId") is null)),
            ("RegionName without RegionId", Of("RegionName") is null || Of("RegionId") is not null),
            ("a commitment, and none is sold", Of("CommitmentDiscountStatus") is null),
            ("a virtual currency", Of("PricingCurrency") == Of("BillingCurrency")),
            ("PricingCurrency has other prices", Of("PricingCurrencyListUnitPrice") == Of("ListUnitPrice") &&
                Of("PricingCurrencyContractedUnitPrice") == Of("ContractedUnitPrice") &&
                Of("PricingCurrencyEffectiveCost") == Of("EffectiveCost")),
            .. Decimals.Select(name => ($"{name} is no plain number", Of(name) is not { } number ||
                Plain().IsMatch(number))),
            .. row.Keys.Where(name => name.EndsWith("Unit", StringComparison.Ordinal)).Select(name => (
                $"{name} is no unit", Of(name) is not { } unit || UnitName().IsMatch(unit))),
            ("a billing period is no month", Of("BillingPeriodStart")!.EndsWith(
                "-01T00:00:00Z", StringComparison.Ordinal) && string.CompareOrdinal(
                    Of("BillingPeriodStart"), Of("BillingPeriodEnd")) < 0),
            ("a charge of another month that is no correction", IsCorrection() || (string.CompareOrdinal(
                Of("ChargePeriodStart"), Of("BillingPeriodStart")) >= 0 && string.CompareOrdinal(
                    Of("ChargePeriodEnd"), Of("BillingPeriodEnd")) <= 0)),
            ("a correction of its own month", !IsCorrection() || string.CompareOrdinal(
                Of("ChargePeriodEnd"), Of("BillingPeriodStart")) <= 0),
            ("Tags are no flat JSON", IsFlat(Of("Tags"))),
            ("SkuPriceDetails are no flat JSON", IsFlat(Of("SkuPriceDetails"))),
            ("an own key of SkuPriceDetails without x_", Of("SkuPriceDetails") is not { } details || JsonDocument
                .Parse(details).RootElement.EnumerateObject().All(
                    key => key.Name.StartsWith("x_", StringComparison.Ordinal))),
        ];
        return rules.Concat(Conditional(row)).Where(rule => !rule.Holds).Select(rule => rule.Rule);
    }

    /// <summary>What is null where something else is, and of 1.3 what its own columns say.</summary>
    private static IEnumerable<(string Rule, bool Holds)> Conditional(Dictionary<string, string> row)
    {
        bool IsNull(string name) => row.GetValueOrDefault(name, "NULL") == "NULL";
        foreach (var (id, others) in ((string, string[])[])[
            ("CommitmentDiscountId", ["CommitmentDiscountCategory", "CommitmentDiscountName",
                "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType"]),
            ("CommitmentDiscountQuantity", ["CommitmentDiscountUnit"]),
            ("CapacityReservationId", ["CapacityReservationStatus"]),
            ("ResourceId", ["ResourceName", "ResourceType"]), ("SubAccountId", ["SubAccountName", "SubAccountType"]),
            ("SkuId", ["SkuMeter"]), ("SkuPriceId", ["SkuPriceDetails"]), ("RegionId", ["RegionName"]),
            ("BillingAccountId", ["BillingAccountType"]), ("PricingQuantity", ["PricingUnit"]),
            ("AllocatedMethodId", ["AllocatedMethodDetails", "AllocatedResourceId", "AllocatedTags"]),
            ("AllocatedResourceId", ["AllocatedResourceName"])])
        {
            yield return ($"{string.Join(", ", others)} without {id}", !IsNull(id) || others.All(IsNull));
        }

        yield return ("PricingCategory says committed, and no commitment is named",
            row["PricingCategory"] != "Committed" || !IsNull("CommitmentDiscountId"));
        yield return ("a purchase by usage", row["ChargeCategory"] != "Purchase" || row["ChargeFrequency"] != "Usage-Based");
        yield return ("ConsumedQuantity of what is no usage",
            row["ChargeCategory"] == "Usage" || IsNull("ConsumedQuantity"));
        var is13 = row.ContainsKey("HostProviderName");
        yield return ("a provider is null", !is13 || (!IsNull("HostProviderName") && !IsNull("ServiceProviderName")));
        yield return ("1.3 lacks a column", !is13 || Since13.All(row.ContainsKey));
        yield return ("an unknown invoice", IsNull("InvoiceId") || InvoiceName().IsMatch(row["InvoiceId"]));
    }

    private static readonly string[] Since13 =
    [
        "AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags",
        "ContractApplied", "HostProviderName", "ServiceProviderName",
    ];

    [GeneratedRegex(@"^((PI|IN|PY|PG|CN)-\d{4}-\d{4,}|provisional-\d{4}-\d\d-suspense)$")]
    private static partial Regex InvoiceName();

    private static bool IsFlat(string? json) => json is null || JsonDocument.Parse(json).RootElement
        is { ValueKind: JsonValueKind.Object } map && map.EnumerateObject().All(
            key => key.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));

    private static void Same(
        Dictionary<string, string> known, string key, string value, string rule, List<string> broken)
    {
        if (known.TryGetValue(key, out var before) && before != value)
        {
            broken.Add(rule);
        }

        known[key] = value;
    }

    public static string[] Cells(string record) => [.. Field().Matches(record).Select(m => m.Groups[1].Success
        ? m.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal)
        : m.Groups[2].Value)];

    [GeneratedRegex("(?:^|,)(?:\"((?:[^\"]|\"\")*)\"|([^,]*))")]
    private static partial Regex Field();

    [GeneratedRegex(@"^-?[0-9]+(\.[0-9]+)?$")]
    private static partial Regex Plain();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*([-/][A-Z][A-Za-z0-9]*)*$|^[KMGT]iB(-[A-Z][a-z]+)?$")]
    private static partial Regex UnitName();

    [GeneratedRegex("^(x_)?[A-Z][A-Za-z]*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Utc();
}
