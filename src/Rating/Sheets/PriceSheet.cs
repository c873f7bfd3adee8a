using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// A landlord's prices for one service from an instant on: what its SKUs cost, what they match, how quantities are
/// rounded, and worked examples that anyone can check.
/// </summary>
public sealed record PriceSheet
{
    public required LandlordId Landlord { get; init; }
    public required string Service { get; init; }
    public required ImmutableArray<ClusterId> Clusters { get; init; }

    /// <summary>Its first instant.</summary>
    public required Instant From { get; init; }

    /// <summary>
    /// The first instant at which it no longer holds; null until the next sheet of the service begins.
    /// </summary>
    public required Instant? Until { get; init; }
    public required Currency Currency { get; init; }

    /// <summary>
    /// Rounding and billable states by name; 'corrected' is always there and stands in for any other.
    /// </summary>
    public required ImmutableDictionary<string, Policies> Policies { get; init; }
    public required ImmutableArray<Sku> Skus { get; init; }

    /// <summary>Usage that is neither charged nor missing a price, with the reason.</summary>
    public required ImmutableArray<Unbilled> Unbilled { get; init; }
    public required ImmutableArray<WorkedExample> Examples { get; init; }

    /// <summary>Where it was read, for messages.</summary>
    public required string File { get; init; }

    public string BookName => $"{Landlord}/{Service}";

    public Policies PoliciesNamed(string name) =>
        Policies.GetValueOrDefault(name) ?? Policies[Rating.Policies.Corrected];
}

/// <summary>Usage that a sheet names and does not charge.</summary>
public sealed record Unbilled(ImmutableArray<Match> Match, string Because);

/// <summary>How the quantity of a SKU comes from usage.</summary>
public enum CountedBy
{
    /// <summary>The largest of the shape's dimensions, each divided by its size in the bundle, times time.</summary>
    Bundle,

    /// <summary>One dimension of the shape, times time.</summary>
    Dimension,

    /// <summary>The resource itself, times time.</summary>
    Resource,

    /// <summary>What was counted of a meter.</summary>
    Meter,
}

/// <summary>One dimension of a bundle: an SU of 24 vCPU has size 24 in 'vcpu'.</summary>
public readonly record struct BundlePart(string Dimension, decimal Size);

/// <summary>The price at which a landlord buys what it sells: the same usage is rated a second time with it.</summary>
/// <param name="Payee">Who is owed it; empty where several are behind it.</param>
public sealed record Wholesale(string Payee, decimal Rate)
{
    private static readonly ImmutableSortedDictionary<string, decimal> None =
        ImmutableSortedDictionary.Create<string, decimal>(StringComparer.Ordinal);

    private static readonly ImmutableSortedDictionary<string, Graduated> NoTiers =
        ImmutableSortedDictionary.Create<string, Graduated>(StringComparer.Ordinal);

    /// <summary>Who share it, in proportion to what they measured for the project.</summary>
    public ImmutableArray<BackEnd> Behind { get; init; } = [];

    /// <summary>What those get who have agreed on a price of their own; all others get the rate.</summary>
    public ImmutableSortedDictionary<string, decimal> OwnRates { get; init; } = None;

    /// <summary>
    /// Who agreed on tiers: what the landlord buys of them in a month, for all of its customers together, is priced
    /// part by part.
    /// </summary>
    public ImmutableSortedDictionary<string, Graduated> Tiers { get; init; } = NoTiers;

    /// <summary>The most that is paid for a unit, whoever is behind it.</summary>
    public decimal Highest => Behind.IsEmpty ? Peak(Payee) : Behind.Max(one => Peak(one.Landlord.Value));

    /// <summary>Every price in it.</summary>
    public IEnumerable<decimal> Rates => OwnRates.Values.Append(Rate).Concat(
        Tiers.Values.SelectMany(tiers => tiers.Rates));

    /// <summary>Whether somebody behind it agreed on tiers.</summary>
    public static bool IsTiered(Sku sku) => sku.Wholesale is { Tiers.IsEmpty: false };

    /// <summary>What a unit costs where no tiers are agreed on, else in the first of them.</summary>
    public decimal RateOf(string payee) => Tiers.TryGetValue(payee, out var tiers) ? tiers.Tiers[0].Rate
        : OwnRates.GetValueOrDefault(payee, Rate);

    private decimal Peak(string payee) =>
        Tiers.TryGetValue(payee, out var tiers) ? tiers.Rates.Max() : RateOf(payee);
}

/// <summary>A landlord behind a composite service, and the meter under which it says what it held or did.</summary>
public readonly record struct BackEnd(LandlordId Landlord, string Meter);

/// <summary>A priced item of a sheet.</summary>
public sealed record Sku
{
    public required SkuId Id { get; init; }
    public required Unit Unit { get; init; }
    public required decimal Rate { get; init; }
    public required CountedBy Counts { get; init; }
    public ImmutableArray<BundlePart> Bundle { get; init; } = [];

    /// <summary>The dimension or meter that is counted; null for bundles and resources.</summary>
    public string? Counted { get; init; }

    /// <summary>What a counted quantity is divided by to give the unit: 1073741824 from bytes to GiB.</summary>
    public decimal DivideBy { get; init; } = 1;

    /// <summary>The time that a quantity is multiplied by, in microseconds per unit; 0 for meters.</summary>
    public required long Microseconds { get; init; }

    /// <summary>The least that one resource is charged for in a month once it is used, in the SKU's unit.</summary>
    public decimal Minimum { get; init; }

    /// <summary>The least that a project is charged in a month, by all its sheets, once there is any of it.</summary>
    public Money MinimumCharge { get; init; }
    public PriceModel Model { get; init; } = Flat.Instance;

    /// <summary>Whose usage is added up before tiers are looked up.</summary>
    public Scope Scope { get; init; }

    /// <summary>Who is paid how much for each unit by the landlord, who sells what is another's; or null.</summary>
    public Wholesale? Wholesale { get; init; }

    /// <summary>It is matched by usage that matches one of these.</summary>
    public required ImmutableArray<Match> Match { get; init; }

    /// <summary>Tried, in the sheet's order, only when no other SKU matches.</summary>
    public bool Otherwise { get; init; }

    /// <summary>What it is, said by its landlord, where its words could mean egress; or null.</summary>
    public string? NotEgress { get; init; }

    /// <summary>Why it is sold for less than it is bought for, said by its landlord; or null.</summary>
    public string? BelowWholesale { get; init; }

    /// <summary>The name under which service invoices list it.</summary>
    public required string ListedAs { get; init; }
    public required string Where { get; init; }

    /// <summary>Whether any usage of it can cost anything.</summary>
    public bool Costs => Rate != 0 || Minimum != 0 || !MinimumCharge.IsZero || Model.Rates.Any(rate => rate != 0) ||
        Wholesale is { Rate: not 0 } or { Highest: not 0 };

    /// <summary>At a price that two parties agreed on instead, which is all that it costs.</summary>
    internal Sku At(decimal rate) => this with { Rate = rate, Model = Flat.Instance, MinimumCharge = Money.Zero };

    public bool HasGpu => Bundle.Any(part => part.Dimension == "gpu");
}
