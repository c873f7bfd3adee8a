namespace Exchange.Rating;

/// <summary>
/// A rated line: what a project used of one SKU in a billing month, priced by one version of a landlord's sheet.
/// Its amount is the exact quantity times the exact rate, rounded once, here.
/// </summary>
public sealed record Charge
{
    public required BillingMonth Month { get; init; }

    /// <summary>The part of the month that the sheet version covers; usage lies inside it.</summary>
    public required Period Period { get; init; }
    public required LandlordId Landlord { get; init; }
    public required string Service { get; init; }
    public required ClusterId Cluster { get; init; }
    public required ProjectId Project { get; init; }
    public required SkuId Sku { get; init; }
    public required Quantity Quantity { get; init; }
    public required Rate Rate { get; init; }
    public required Money Amount { get; init; }

    /// <summary>The sheet version that priced it, as 'nerc/openstack/2025-06-01#1'.</summary>
    public required string Sheet { get; init; }

    /// <summary>The rounding policies that applied: 'nerc-compatible' or 'corrected'.</summary>
    public required string Policies { get; init; }

    /// <summary>For egress: what it would have cost at public list prices; null for everything else.</summary>
    public Money? Avoided { get; init; }

    /// <summary>
    /// The same usage rated again has the same id: month, landlord, service, cluster, project, SKU and sheet.
    /// </summary>
    public string Id => $"{Month}:{Landlord}:{Cluster}:{Project}:{Sku}:{Sheet}";
}
