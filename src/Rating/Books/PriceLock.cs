using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Exchange.Rating;

/// <summary>
/// Prices that a landlord promised to a project: for a time, the named sheets price the named SKUs of its usage in one
/// cluster, whatever is published later. Everything else is at list.
/// </summary>
/// <param name="Id">The agreement that it belongs to; one agreement may lock prices in several places.</param>
/// <param name="Sheets">Which version of a sheet holds when.</param>
public sealed record PriceLock(
    string Id, LandlordId Landlord, ClusterId Cluster, ProjectId Project, Period Period,
    ImmutableArray<SkuId> Skus, ImmutableArray<LockedSheet> Sheets)
{
    /// <summary>Whether two of them would price the same usage.</summary>
    public bool Overlaps(PriceLock other) => Landlord == other.Landlord && Cluster == other.Cluster &&
        Project == other.Project && Period.Overlaps(other.Period) && Skus.Any(sku => other.Skus.Contains(sku));

    /// <summary>What decides money of it, in words.</summary>
    [JsonIgnore]
    public string Terms => $"{Id} {Landlord}/{Cluster}/{Project} {Period} {string.Join(',', Skus)} " +
        string.Join(',', Sheets.Select(sheet => $"{sheet.Sheet} {sheet.Period}"));

    public bool Equals(PriceLock? other) => other is not null && Terms == other.Terms;
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Terms);
}

/// <summary>A version of a sheet, by the name that charges give it, and the time in which it prices usage.</summary>
public readonly record struct LockedSheet(string Sheet, Period Period);
