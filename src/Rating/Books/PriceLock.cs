using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

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
    /// <summary>Other prices that both agreed on later, in order; empty where the sheets' hold.</summary>
    public ImmutableArray<LockRate> Repriced { get; init; } = [];

    /// <summary>
    /// Its time, cut where a price changes: each part as a lock of its own, which from the second on is numbered, with
    /// the prices that differ from the sheets'.
    /// </summary>
    internal IEnumerable<(PriceLock Lock, IReadOnlyDictionary<SkuId, decimal> Rates)> ByPrice()
    {
        Instant[] edges =
        [
            .. Repriced.Select(one => one.From).Where(Period.Contains).Append(Period.Start).Append(Period.End)
                .Distinct().Order(),
        ];
        return edges.Zip(edges.Skip(1)).Select((of, n) => (
            n == 0 ? this with { Period = new(of.First, of.Second) } : this with
            {
                Id = $"{Id}{Charge.NextPrice}{n + 1}",
                Period = new(of.First, of.Second),
            },
            (IReadOnlyDictionary<SkuId, decimal>)Repriced.Where(one => one.From <= of.First)
                .GroupBy(one => one.Sku).ToDictionary(same => same.Key, same => same.Last().Rate)));
    }

    /// <summary>Whether two of them would price the same usage.</summary>
    public bool Overlaps(PriceLock other) => Landlord == other.Landlord && Cluster == other.Cluster &&
        Project == other.Project && Period.Overlaps(other.Period) && Skus.Any(sku => other.Skus.Contains(sku));

    /// <summary>What decides money of it, in words.</summary>
    [JsonIgnore]
    public string Terms => $"{Id} {Landlord}/{Cluster}/{Project} {Period} {string.Join(',', Skus)} " +
        string.Join(',', Sheets.Select(sheet => $"{sheet.Sheet} {sheet.Period}")) +
        string.Concat(Repriced.Select(one => $" {one.Sku}={Text.Of(one.Rate)}@{Text.Of(one.From)}"));

    public bool Equals(PriceLock? other) => other is not null && Terms == other.Terms;
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Terms);
}

/// <summary>What a unit of a SKU costs from an instant on, where both agreed on another price.</summary>
public readonly record struct LockRate(SkuId Sku, decimal Rate, Instant From);

/// <summary>A version of a sheet, by the name that charges give it, and the time in which it prices usage.</summary>
public readonly record struct LockedSheet(string Sheet, Period Period);
