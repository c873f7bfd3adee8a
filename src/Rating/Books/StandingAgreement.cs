using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>What is owed used or not.</summary>
public enum StandingKind
{
    /// <summary>So many units at each moment of its time.</summary>
    Reservation,

    /// <summary>So much of a SKU each month, as a quantity or as money.</summary>
    Commitment,
}

/// <summary>What a unit costs from an instant on, where both agreed on another rate.</summary>
public readonly record struct AgreedRate(decimal Rate, Instant From);

/// <summary>
/// What a project and a landlord agreed that the project pays used or not: units of a SKU that are reserved for it, or
/// what it takes a month. It is priced as what a sheet reserves or promises is; what goes beyond it is at list.
/// </summary>
/// <param name="Holders">The first from its beginning; a later one from when it was transferred.</param>
/// <param name="Amount">Units reserved at each moment; of a commitment units a month, or dollars.</param>
/// <param name="Rate">What a unit costs, in the SKU's unit.</param>
public sealed record StandingAgreement(
    string Id, StandingKind Kind, LandlordId Landlord, ClusterId Cluster, SkuId Sku,
    ImmutableArray<LeaseHolder> Holders, Period Period, decimal Amount, decimal Rate)
{
    /// <summary>Whether its amount is dollars a month.</summary>
    public bool IsSpend { get; init; }

    /// <summary>Other rates that both agreed on later, in order; empty where the first holds.</summary>
    public ImmutableArray<AgreedRate> Repriced { get; init; } = [];

    [JsonIgnore]
    public ProjectId Holder => Holders[^1].Project;

    /// <summary>What begins the number of one of this kind.</summary>
    [JsonIgnore]
    public string Prefix => Kind == StandingKind.Reservation ? "R" : "C";

    /// <summary>'10 units of gpu-a100', '50,000 SU-hours a month', '500 USD a month', without the SKU's unit.</summary>
    [JsonIgnore]
    public string Words => Kind == StandingKind.Reservation
        ? $"{Text.Of(Amount)} of {Sku}"
        : $"{Text.Of(Amount)}{(IsSpend ? " USD" : "")} a month of {Sku}";

    /// <summary>What decides money of it, in words.</summary>
    [JsonIgnore]
    public string Terms => $"{Id} {Kind} {Landlord}/{Cluster}/{Sku} {Period} " +
        $"{string.Join(',', Holders.Select(one => $"{one.Project}@{Text.Of(one.From)}"))} " +
        $"{Text.Of(Amount)}{(IsSpend ? " USD" : "")} at {Text.Of(Rate)}" +
        string.Concat(Repriced.Select(one => $" {Text.Of(one.Rate)}@{Text.Of(one.From)}"));

    /// <summary>What a unit costs at an instant.</summary>
    public decimal RateAt(Instant at) => Repriced.Where(one => one.From <= at).Select(one => (decimal?)one.Rate)
        .LastOrDefault() ?? Rate;

    public ProjectId HolderAt(Instant at) => Holders.Last(one => one.From <= at || one == Holders[0]).Project;

    /// <summary>Its time, cut where the holder or the rate changes.</summary>
    public IEnumerable<(ProjectId Project, decimal Rate, Period Period)> Parts()
    {
        Instant[] edges =
        [
            .. Holders.Select(one => one.From).Concat(Repriced.Select(one => one.From))
                .Where(at => Period.Contains(at)).Append(Period.Start).Append(Period.End).Distinct().Order(),
        ];
        return edges.Zip(edges.Skip(1), (from, until) => (HolderAt(from), RateAt(from), new Period(from, until)));
    }

    /// <summary>The same, but no longer than until an instant.</summary>
    public StandingAgreement Until(Instant end) => this with
    {
        Period = new(Period.Start, Instant.Max(Period.Start, Instant.Min(Period.End, end))),
    };

    /// <summary>Whether what is owed used or not can be told of such a SKU.</summary>
    internal static bool Holds(Sku sku, StandingKind kind) => sku.Model is not (TimeOfDay or PassThrough) &&
        (kind == StandingKind.Commitment || sku.Microseconds > 0);

    public bool Equals(StandingAgreement? other) => other is not null && Terms == other.Terms;
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Terms);
}
