using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>What was before this exchange billed anybody. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(BilledBefore), "opening-billed-before/1")]
public abstract record OpeningEvent
{
    private OpeningEvent() { }

    /// <summary>Somebody was billed elsewhere before, and is not new here.</summary>
    /// <param name="First">The first month that was billed.</param>
    public sealed record BilledBefore(PiId Pi, BillingMonth First, string By, Instant At) : OpeningEvent;
}

/// <summary>Who was billed before this exchange billed anybody: the one stream is 'opening-exchange'.</summary>
public sealed record OpeningBalances(ImmutableDictionary<PiId, BillingMonth> Billed)
{
    public const string Id = "exchange";

    public static readonly Fold<OpeningBalances, OpeningEvent> Fold = new(
        "opening", new(ImmutableDictionary<PiId, BillingMonth>.Empty), (opening, happened) => happened switch
        {
            OpeningEvent.BilledBefore e => new(opening.Billed.SetItem(e.Pi, e.First)),
            _ => throw new CorruptStreamException(opening, happened),
        });
}

/// <summary>A PI as another system of bills knew them.</summary>
/// <param name="First">The first month that was billed.</param>
/// <param name="Program">The promotion that they were granted; null for none.</param>
/// <param name="Granted">What they were granted of it.</param>
/// <param name="Used">What of it was used, by month.</param>
public sealed record OpeningBalance(
    PiId Pi, BillingMonth First, string? Program, Money Granted,
    ImmutableSortedDictionary<BillingMonth, Money> Used);
