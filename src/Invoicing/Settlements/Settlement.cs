using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Settlements;

/// <summary>What a landlord sold of one SKU with a close.</summary>
/// <param name="Adjusts">The closed month that it corrects; null for usage of the closed month itself.</param>
public sealed record SettlementLine(
    string Service, ClusterId Cluster, SkuId Sku, BillingMonth? Adjusts, Quantity Quantity, Rate Rate, Money Amount);

/// <summary>Everything that can happen to a settlement. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Drawn), "settlement-drawn/1")]
public abstract record SettlementEvent
{
    private SettlementEvent() { }

    /// <param name="Gross">What its lines amount to, whoever pays them.</param>
    /// <param name="Share">What the exchange keeps of it.</param>
    public sealed record Drawn(
        LandlordId Landlord, BillingMonth Month, ImmutableArray<SettlementLine> Lines, Money Gross, Money Share,
        Instant At) : SettlementEvent
    {
        /// <summary>What the landlord gets.</summary>
        [JsonIgnore]
        public Money Payable => Gross - Share;
    }
}

/// <summary>What the exchange owes each landlord for a month.</summary>
public static class Settle
{
    public static string StreamOf(LandlordId landlord, BillingMonth month) => $"settlement-{month}:{landlord}";

    /// <summary>One settlement for each landlord of whom something was billed, by name.</summary>
    public static IReadOnlyList<SettlementEvent.Drawn> Run(
        BillingMonth month, IEnumerable<InvoiceLine> lines, Landlords landlords, Instant now) =>
    [
        .. lines.GroupBy(line => line.Landlord).OrderBy(of => of.Key.Value, StringComparer.Ordinal).Select(of =>
        {
            var gross = Money.Sum(of.Select(line => line.Amount));
            return new SettlementEvent.Drawn(
                of.Key, month, [.. Lines(of)], gross, landlords.ShareOf(of.Key, month, gross), now);
        }),
    ];

    private static IEnumerable<SettlementLine> Lines(IEnumerable<InvoiceLine> lines) => lines
        .GroupBy(line => (line.Service, line.Cluster, line.Sku, line.Adjusts, line.Rate))
        .OrderBy(same => same.Key.Adjusts.HasValue).ThenBy(same => same.Key.Adjusts)
        .ThenBy(same => same.Key.Service, StringComparer.Ordinal)
        .ThenBy(same => same.Key.Cluster.Value, StringComparer.Ordinal)
        .ThenBy(same => same.Key.Sku.Value, StringComparer.Ordinal).ThenBy(same => same.Key.Rate.Amount)
        .Select(same => new SettlementLine(
            same.Key.Service, same.Key.Cluster, same.Key.Sku, same.Key.Adjusts,
            same.Select(line => line.Quantity).Aggregate((sum, quantity) => sum + quantity), same.Key.Rate,
            Money.Sum(same.Select(line => line.Amount))));
}
