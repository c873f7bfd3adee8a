using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>Everything that can happen to the money of a programme. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Granted), "fund-granted/1")]
[JsonDerivedType(typeof(Used), "fund-used/1")]
[JsonDerivedType(typeof(Capped), "fund-capped/1")]
[JsonDerivedType(typeof(Suspended), "fund-suspended/1")]
[JsonDerivedType(typeof(Resumed), "fund-resumed/1")]
public abstract record FundEvent
{
    private FundEvent() { }

    /// <summary>A new PI got the amount of a promotion, once.</summary>
    public sealed record Granted(PiId Pi, BillingMonth Month, Money Amount, Instant At) : FundEvent;

    /// <summary>So much was spent on usage of a month; less than nothing when a correction gave some back.</summary>
    /// <param name="Month">The month of the usage.</param>
    /// <param name="Billed">The month whose close spent it.</param>
    public sealed record Used(PiId Pi, BillingMonth Month, BillingMonth Billed, Money Amount, Instant At) : FundEvent;

    /// <summary>The payer gives a PI another amount than the terms say.</summary>
    public sealed record Capped(PiId Pi, Money Amount, string By, Instant At) : FundEvent;

    /// <summary>The payer pays nothing for a PI from a month on.</summary>
    public sealed record Suspended(PiId Pi, BillingMonth From, string By, Instant At) : FundEvent;

    /// <summary>The payer pays for the PI again from a month on.</summary>
    public sealed record Resumed(PiId Pi, BillingMonth From, string By, Instant At) : FundEvent;
}

/// <summary>What became of the money of one programme: its stream is 'fund-PROGRAMME'.</summary>
public sealed record Fund
{
    public static readonly Fold<Fund, FundEvent> Fold = new("fund", new(), Evolve);

    public ImmutableDictionary<PiId, FundEvent.Granted> Grants { get; init; } =
        ImmutableDictionary<PiId, FundEvent.Granted>.Empty;

    /// <summary>What was spent, by PI and month of usage.</summary>
    public ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Uses { get; init; } =
        ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>>.Empty;

    public ImmutableDictionary<PiId, Money> Caps { get; init; } = ImmutableDictionary<PiId, Money>.Empty;

    /// <summary>From and, once resumed, until which month a PI is suspended.</summary>
    public ImmutableDictionary<PiId,
        ImmutableList<(BillingMonth From, BillingMonth? Until)>> Suspensions
    { get; init; } =
        ImmutableDictionary<PiId, ImmutableList<(BillingMonth, BillingMonth?)>>.Empty;

    public Money Used(PiId pi, BillingMonth month) =>
        Uses.TryGetValue(pi, out var uses) ? uses.GetValueOrDefault(month) : Money.Zero;

    public bool IsSuspended(PiId pi, BillingMonth month) => Suspensions.TryGetValue(pi, out var all) &&
        all.Exists(one => one.From <= month && !(one.Until <= month));

    /// <summary>
    /// What the programme can still pay for a PI's usage of a month; what it already paid for that month counts as
    /// not paid, because the month is worked out as a whole.
    /// </summary>
    public Money Available(Programme programme, PiId pi, string? institution, BillingMonth month,
        Rating.Institutions all)
    {
        if (!programme.InForce || IsSuspended(pi, month))
        {
            return Money.Zero;
        }

        if (programme.Kind == ProgrammeKind.Subsidy)
        {
            return programme.At(month) is { } terms && terms.IsEligible(all.Named(institution), month)
                ? Caps.GetValueOrDefault(pi, terms.Amount ?? Money.Zero)
                : Money.Zero;
        }

        if (programme.Kind != ProgrammeKind.Promotion || !Grants.TryGetValue(pi, out var grant) ||
            programme.At(grant.Month) is not { } granted || month < grant.Month ||
            month.MonthsSince(grant.Month) >= granted.WindowMonths)
        {
            return Money.Zero;
        }

        var elsewhere = Uses.TryGetValue(pi, out var uses)
            ? Money.Sum(uses.Where(use => use.Key != month).Select(use => use.Value))
            : Money.Zero;
        return grant.Amount - elsewhere;
    }

    /// <summary>Caps what a PI gets a month.</summary>
    public static Decision<FundEvent> Cap(Fund fund, PiId pi, Money amount, string by, Instant now) =>
        amount < Money.Zero
            ? new Refusal("fund/negative-cap", $"{amount} is less than nothing. Suspend the PI to pay nothing.")
            : fund.Caps.TryGetValue(pi, out var cap) && cap == amount ? []
                : [new FundEvent.Capped(pi, amount, by, now)];

    public static Decision<FundEvent> Suspend(Fund fund, PiId pi, BillingMonth from, string by, Instant now) =>
        fund.IsSuspended(pi, from) ? [] : [new FundEvent.Suspended(pi, from, by, now)];

    public static Decision<FundEvent> Resume(Fund fund, PiId pi, BillingMonth from, string by, Instant now) =>
        fund.IsSuspended(pi, from) ? [new FundEvent.Resumed(pi, from, by, now)] : [];

    private static Fund Evolve(Fund fund, FundEvent happened) => happened switch
    {
        FundEvent.Granted e => fund with { Grants = fund.Grants.Add(e.Pi, e) },
        FundEvent.Used e => fund with { Uses = Spend(fund, e) },
        FundEvent.Capped e => fund with { Caps = fund.Caps.SetItem(e.Pi, e.Amount) },
        FundEvent.Suspended e => fund with
        {
            Suspensions = fund.Suspensions.SetItem(
                e.Pi, fund.Suspensions.GetValueOrDefault(e.Pi, []).Add((e.From, null))),
        },
        FundEvent.Resumed e => fund with
        {
            Suspensions = fund.Suspensions.SetItem(
                e.Pi, [.. fund.Suspensions[e.Pi].Select(one => one.Until is null ? (one.From, e.From) : one)]),
        },
        _ => throw new CorruptStreamException(fund, happened),
    };

    private static ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Spend(
        Fund fund, FundEvent.Used used)
    {
        var uses = fund.Uses.GetValueOrDefault(used.Pi, ImmutableSortedDictionary<BillingMonth, Money>.Empty);
        return fund.Uses.SetItem(
            used.Pi, uses.SetItem(used.Month, uses.GetValueOrDefault(used.Month) + used.Amount));
    }
}
