using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Quotes;

/// <summary>A part of a plan as it was quoted: so many alike resources for so long, or so much of a meter.</summary>
/// <param name="Shape">As readings have it: '{"vcpu":"4"}'.</param>
/// <param name="Seconds">How long; 0 for a meter.</param>
public sealed record PlannedUsage(
    string Kind, string Shape, long Seconds, int Resources, string State, string? Meter, decimal Quantity)
{
    public static PlannedUsage Of(QuotedUsage usage) => new(
        usage.Kind, usage.Shape.ToString(), (long)usage.Length.TotalSeconds, usage.Resources,
        usage.State.ToString().ToLowerInvariant(), usage.Meter, usage.Quantity);

    /// <summary>As it was asked for.</summary>
    [JsonIgnore]
    public QuotedUsage Quoted => new(
        Kind, Metering.Shape.Parse(Shape), Duration.FromSeconds(Seconds), Resources,
        ListedWord.Read<ResourceState>(State), Meter, Quantity);

    /// <summary>In words: '2 × vm {"vcpu":"4"} for 100 h'.</summary>
    public string Words => Meter is { } meter
        ? $"{Text.Of(Quantity)} of {meter} ({Kind})"
        : $"{Resources} × {Kind} {(Shape == "{}" ? "" : $"{Shape} ")}for {Text.Of(
            decimal.Round(Seconds / 3_600m, 2, MidpointRounding.AwayFromZero))} h";
}

/// <summary>A line of a quote: what a SKU comes to in a month.</summary>
public sealed record QuoteLine(
    BillingMonth Month, SkuId Sku, string? Step, Quantity Quantity, Rate Rate, Money Amount, string Sheet);

/// <summary>What one place promises to do for how much, and the prices that it would lock.</summary>
public sealed record QuotePart(
    LandlordId Landlord, ClusterId Cluster, Money Total, ImmutableArray<PlannedUsage> Usage,
    ImmutableArray<QuoteLine> Lines, PriceLock Lock);

/// <summary>Everything that a saved quote says.</summary>
/// <param name="Pi">Who answers for the project, where it is known.</param>
/// <param name="Period">When the plan is used, and the prices hold once it is accepted.</param>
/// <param name="ValidUntil">It can be accepted before this instant.</param>
public sealed record QuoteTerms(
    string Id, ProjectId Project, PiId? Pi, Period Period, Instant ValidUntil, ImmutableArray<QuotePart> Parts)
{
    /// <summary>Before funds.</summary>
    public Money Total => Money.Sum(Parts.Select(part => part.Total));
}
