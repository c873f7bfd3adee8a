using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Exports;
using Exchange.Testing;
using Xunit;

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

    private static readonly Dictionary<string, string> ParentOf = new(StringComparer.Ordinal)
    {
        ["Virtual Machines"] = "Compute",
        ["Containers"] = "Compute",
        ["Other (Compute)"] = "Compute",
        ["Block Storage"] = "Storage",
        ["Other (Storage)"] = "Storage",
        ["Network Connectivity"] = "Networking",
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
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (cells, number) in records.Skip(1).Select((cells, i) => (cells, i + 1)))
        {
            var row = heading.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second);
            broken.AddRange(OfRow(row).Select(rule => $"row {number}: {rule}"));
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
            ("PricingCategory", Of("PricingCategory") is "Standard" or "Dynamic" or "Committed" or "Other"),
            ("ServiceSubcategory has another parent", ParentOf[Of("ServiceSubcategory")!] == Of("ServiceCategory")),
            ("ISO 4217", Of("BillingCurrency") == "USD"),
            ("ContractedCost is not price times quantity", IsCorrection() ||
                Number("ContractedCost") == Number("ContractedUnitPrice") * Number("PricingQuantity")),
            ("ListCost is not price times quantity", IsCorrection() ||
                Number("ListCost") == Number("ListUnitPrice") * Number("PricingQuantity")),
            ("a unit price below zero", Number("ListUnitPrice") >= 0 && Number("ContractedUnitPrice") >= 0),
            ("billed by another than the provider", Of("ProviderName") == Of("InvoiceIssuerName") ||
                Number("BilledCost") == 0),
            ("PricingUnit without quantity", Of("PricingUnit") is null == (Of("PricingQuantity") is null)),
            ("ConsumedUnit without quantity", Of("ConsumedUnit") is null == (Of("ConsumedQuantity") is null)),
            ("ResourceName copies ResourceId", Of("ResourceName") != Of("ResourceId")),
            ("SubAccountName", Of("SubAccountName") is null == (Of("SubAccountId") is null)),
            ("SKU of usage", Of("SkuId") is not null && Of("SkuPriceId") is not null),
            ("Tags are no flat JSON", IsFlat(Of("Tags"))),
            ("SkuPriceDetails are no flat JSON", IsFlat(Of("SkuPriceDetails"))),
            ("an own key of SkuPriceDetails without x_", Of("SkuPriceDetails") is not { } details || JsonDocument
                .Parse(details).RootElement.EnumerateObject().All(
                    key => key.Name.StartsWith("x_", StringComparison.Ordinal))),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => rule.Rule);
    }

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

    private static string[] Cells(string record) => [.. Field().Matches(record).Select(m => m.Groups[1].Success
        ? m.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal)
        : m.Groups[2].Value)];

    [GeneratedRegex("(?:^|,)(?:\"((?:[^\"]|\"\")*)\"|([^,]*))")]
    private static partial Regex Field();

    [GeneratedRegex("^(x_)?[A-Z][A-Za-z]*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Utc();
}

public class FollowingFocus
{
    /// <summary>Seen to fail when the landlord stood as ProviderName, and when a null was an empty cell.</summary>
    [Theory]
    [InlineData("focus-2026-09.csv")]
    [InlineData("focus-2026-10.csv")]
    public void Every_rule_holds_of_what_is_exported(string golden) => Assert.Empty(FocusRules.Broken(
        File.ReadAllText(Product.File($"tests/Invoicing.Tests/Exports/Golden/{golden}"))));

    [Fact]
    public async Task What_is_billed_under_an_invoice_is_what_its_PI_owes()
    {
        await using var world = await ExportingAMonth.Used();
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(World.September), text, World.Ct);

        Assert.Equal(["PI-2026-0001 80.30 USD", "PI-2026-0002 1.72 USD"], Sums(text.ToString()));
    }

    [Theory]
    [InlineData("SU-hour", "SU-Hours")]
    [InlineData("GiB-hour", "GiB-Hours")]
    [InlineData("board-second", "Board-Seconds")]
    [InlineData("GiB", "GiB")]
    [InlineData("load", "Load")]
    public void Units_are_written_as_FOCUS_writes_them(string ours, string theirs) =>
        Assert.Equal(theirs, FocusColumns.UnitOf(new(ours)));

    private static IEnumerable<string> Sums(string csv)
    {
        var rows = csv.TrimEnd('\n').Split('\n').Select(line => line.Split(',')).ToList();
        var (invoice, cost) = (Array.IndexOf(rows[0], "InvoiceId"), Array.IndexOf(rows[0], "BilledCost"));
        return rows.Skip(1).Where(row => row[invoice] != "NULL").GroupBy(row => row[invoice]).Select(of =>
            $"{of.Key} {Money.Round(of.Sum(row => Text.Number(row[cost])))}");
    }
}
