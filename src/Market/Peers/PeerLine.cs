using System.Text.Json.Serialization;

namespace Exchange.Market.Peers;

/// <summary>A line of a statement between exchanges: what a project used of a SKU, and what is asked for it.</summary>
/// <param name="Charge">The charge at the exchange that asks; it explains it.</param>
/// <param name="Month">The month of the usage: an adjustment keeps its own.</param>
/// <param name="Credits">What funds of the exchange that asks paid of it.</param>
/// <param name="IsEgress">Data that left: shown, and never charged.</param>
public sealed record PeerLine(
    string Charge, BillingMonth Month, Period Period, LandlordId Landlord, ClusterId Cluster, ProjectId Project,
    SkuId Sku, string? Step, Quantity Quantity, Rate Rate, Money Amount, Money Credits, bool IsEgress)
{
    /// <summary>The meter that it counts; null for what is used over time.</summary>
    public string? Meter { get; init; }

    /// <summary>What it is, where it might be taken for data that left: the words of the price sheet.</summary>
    public string? NotEgress { get; init; }

    /// <summary>What is asked for it.</summary>
    [JsonIgnore]
    public Money Due => Amount - Credits;

    /// <summary>The same as far as money is asked: what is said of it beside that asks for nothing anew.</summary>
    [JsonIgnore]
    public PeerLine Asked => this with { Meter = null, NotEgress = null };

    /// <summary>Whether it can be added up with others like it, and priced: nobody uses more than that.</summary>
    [JsonIgnore]
    public bool HasBounds => IsBounded(Amount) && IsBounded(Credits) &&
        decimal.Abs(Quantity.Amount) <= MaxQuantity && decimal.Abs(Rate.Amount) <= MaxQuantity;

    private const decimal MaxQuantity = 1_000_000_000_000_000m;
    private const long MaxCents = 100_000_000_000_000;

    private static bool IsBounded(Money amount) => amount.Cents is >= -MaxCents and <= MaxCents;

    /// <summary>What it is, as both exchanges call it: 'stack OpenStack CPU, first 100 SU-hour'.</summary>
    [JsonIgnore]
    public string What => NameOf(Cluster, Sku, Step);

    /// <summary>A colon ends a part of a charge's id, so no name has one.</summary>
    public static string NameOf(ClusterId cluster, SkuId sku, string? step)
    {
        var name = $"{cluster} {(step is null ? sku.Value : $"{sku}, {step}")}".Replace(':', ' ');
        return name.Length <= Name.MaxLength ? name : name[..Name.MaxLength];
    }
}
