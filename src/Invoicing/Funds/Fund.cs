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
[JsonDerivedType(typeof(Enrolled), "fund-enrolled/1")]
[JsonDerivedType(typeof(Freed), "fund-sku-freed/1")]
public abstract record FundEvent
{
    private FundEvent() { }

    /// <summary>When it was decided, or a close spent it.</summary>
    [JsonIgnore]
    public Instant DecidedAt => this switch
    {
        Granted e => e.At,
        Used e => e.At,
        Capped e => e.At,
        Suspended e => e.At,
        Resumed e => e.At,
        Enrolled e => e.At,
        Freed e => e.At,
        _ => throw new InvalidOperationException($"{GetType().Name} has no instant."),
    };

    /// <summary>A new PI got the amount of a promotion, once.</summary>
    public sealed record Granted(PiId Pi, BillingMonth Month, Money Amount, Instant At) : FundEvent;

    /// <summary>So much was spent on usage of a month; less than nothing when a correction gave some back.</summary>
    /// <param name="Month">The month of the usage.</param>
    /// <param name="Billed">The month whose close spent it.</param>
    public sealed record Used(PiId Pi, BillingMonth Month, BillingMonth Billed, Money Amount, Instant At) : FundEvent
    {
        /// <summary>Whether another system spent it: what is billed here of that month is beside it.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsElsewhere { get; init; }
    }

    /// <summary>The payer gives a PI another amount than the terms say.</summary>
    /// <param name="From">The first month in which it does; null for always.</param>
    public sealed record Capped(
        PiId Pi, Money Amount, string By, Instant At, BillingMonth? From = null) : FundEvent;

    /// <summary>The payer pays nothing for a PI from a month on.</summary>
    public sealed record Suspended(PiId Pi, BillingMonth From, string By, Instant At) : FundEvent;

    /// <summary>The payer pays for the PI again from a month on.</summary>
    public sealed record Resumed(PiId Pi, BillingMonth From, string By, Instant At) : FundEvent;

    /// <summary>The payer pays for a PI from a month on, whatever institution the terms name.</summary>
    public sealed record Enrolled(PiId Pi, BillingMonth From, string By, Instant At) : FundEvent;

    /// <summary>A PI uses a SKU for free during some months.</summary>
    /// <param name="Sku">Its name; '*' stands for any text.</param>
    /// <param name="Until">The first month in which it no longer is free.</param>
    public sealed record Freed(
        PiId Pi, string Sku, BillingMonth From, BillingMonth? Until, string By, Instant At) : FundEvent;
}

/// <summary>What became of the money of one programme: its stream is 'fund-PROGRAMME'.</summary>
public sealed record Fund
{
    public static readonly Fold<Fund, FundEvent> Fold = new("fund", new(), Evolve);

    public ImmutableDictionary<PiId, FundEvent.Granted> Grants { get; init; } =
        ImmutableDictionary<PiId, FundEvent.Granted>.Empty;

    /// <summary>
    /// The months of all grants of a person who was granted one under each of several addresses: what is granted is
    /// used in the time of each.
    /// </summary>
    public ImmutableDictionary<PiId, ImmutableArray<BillingMonth>> GrantedIn { get; init; } =
        ImmutableDictionary<PiId, ImmutableArray<BillingMonth>>.Empty;

    /// <summary>What was spent, by PI and month of usage.</summary>
    public ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Uses { get; init; } =
        ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>>.Empty;

    /// <summary>What of it another system spent, which no correction of that month gives back.</summary>
    public ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> UsedElsewhere { get; init; } =
        ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>>.Empty;

    /// <summary>The most that each PI had used at any time: what was given back can be used again.</summary>
    public ImmutableDictionary<PiId, Money> MaxUsed { get; init; } = ImmutableDictionary<PiId, Money>.Empty;

    /// <summary>What the payer gives a PI instead, by the first month in which it does.</summary>
    public ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Caps { get; init; } =
        ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>>.Empty;

    /// <summary>From and, once resumed, until which month a PI is suspended.</summary>
    public ImmutableDictionary<PiId, ImmutableList<(BillingMonth From, BillingMonth? Until)>> Suspensions { get; init; }
        = ImmutableDictionary<PiId, ImmutableList<(BillingMonth, BillingMonth?)>>.Empty;

    /// <summary>Since when the payer pays for PIs whom the terms do not name.</summary>
    public ImmutableDictionary<PiId, BillingMonth> Enrolments { get; init; } =
        ImmutableDictionary<PiId, BillingMonth>.Empty;

    public ImmutableList<FundEvent.Freed> FreeSkus { get; init; } = [];

    /// <summary>Everybody of whom anything was ever said.</summary>
    public IEnumerable<PiId> Known() => Grants.Keys.Union(Uses.Keys).Union(Caps.Keys).Union(Suspensions.Keys)
        .Union(Enrolments.Keys).Union(FreeSkus.Select(free => free.Pi));

    public bool IsEnrolled(PiId pi, BillingMonth month) =>
        Enrolments.TryGetValue(pi, out var from) && from <= month;

    public Money? CapOf(PiId pi, BillingMonth month) =>
        Caps.TryGetValue(pi, out var caps) && caps.Keys.LastOrDefault(from => from <= month) is var since &&
        caps.TryGetValue(since, out var cap)
            ? cap
            : null;

    /// <summary>Whether a PI uses a SKU for free in a month.</summary>
    public bool IsFree(PiId pi, SkuId sku, BillingMonth month) => FreeSkus.Exists(free =>
        free.Pi == pi && free.From <= month && !(free.Until <= month) &&
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(free.Sku, sku.Value, ignoreCase: false));

    public Money Used(PiId pi, BillingMonth month) =>
        Uses.TryGetValue(pi, out var uses) ? uses.GetValueOrDefault(month) : Money.Zero;

    public bool IsSuspended(PiId pi, BillingMonth month) => Suspensions.TryGetValue(pi, out var all) &&
        all.Exists(one => one.From <= month && !(one.Until <= month));

    /// <summary>Whether a subsidy is for a PI: enrolled by name, or by where they work.</summary>
    public bool Subsidizes(
        Programme programme, PiId pi, string? institution, BillingMonth month, Rating.Institutions all) =>
        programme is { Kind: ProgrammeKind.Subsidy, InForce: true } && !IsSuspended(pi, month) &&
            programme.At(month) is { } terms &&
            (IsEnrolled(pi, month) || terms.IsEligible(all.At(month).Named(institution), month));

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
            return Subsidizes(programme, pi, institution, month, all)
                ? CapOf(pi, month) ?? programme.At(month)!.Amount ?? Money.Zero
                : Money.Zero;
        }

        if (programme.Kind != ProgrammeKind.Promotion || !Grants.TryGetValue(pi, out var grant) ||
            programme.At(grant.Month) is null || !IsInTime(programme, grant, month))
        {
            return Money.Zero;
        }

        var elsewhere = Uses.TryGetValue(pi, out var uses)
            ? Money.Sum(uses.Where(use => use.Key != month).Select(use => use.Value))
            : Money.Zero;
        return grant.Amount - elsewhere -
            (UsedElsewhere.TryGetValue(pi, out var before) ? before.GetValueOrDefault(month) : Money.Zero);
    }

    private bool IsInTime(Programme programme, FundEvent.Granted grant, BillingMonth month) =>
        GrantedIn.GetValueOrDefault(grant.Pi, [grant.Month]).Any(first => month >= first &&
            programme.At(first) is { } terms && month.MonthsSince(first) < terms.WindowMonths);

    /// <summary>Caps what a PI gets a month, from a month on; what was before stays as it was.</summary>
    public static Decision<FundEvent> Cap(
        Fund fund, PiId pi, Money amount, BillingMonth from, string by, Instant now) =>
        amount < Money.Zero
            ? new Refusal("fund/negative-cap", $"{amount} is less than nothing. Suspend the PI to pay nothing.")
            : fund.CapOf(pi, from) == amount ? []
                : [new FundEvent.Capped(pi, amount, by, now, from)];

    public static Decision<FundEvent> Suspend(Fund fund, PiId pi, BillingMonth from, string by, Instant now) =>
        fund.IsSuspended(pi, from) ? [] : [new FundEvent.Suspended(pi, from, by, now)];

    public static Decision<FundEvent> Resume(Fund fund, PiId pi, BillingMonth from, string by, Instant now) =>
        fund.IsSuspended(pi, from) ? [new FundEvent.Resumed(pi, from, by, now)] : [];

    /// <summary>Pays for a PI from a month on, or from an earlier month than before.</summary>
    public static Decision<FundEvent> Enrol(Fund fund, PiId pi, BillingMonth from, string by, Instant now) =>
        fund.IsEnrolled(pi, from) ? [] : [new FundEvent.Enrolled(pi, from, by, now)];

    public static Decision<FundEvent> Free(Fund fund, FundEvent.Freed wanted) =>
        wanted.Until <= wanted.From
            ? new Refusal(
                "fund/no-months",
                $"{wanted.Until} is not after {wanted.From}. Give the first month that is not free.")
            : fund.FreeSkus.Exists(free => MonthsOf(free) == MonthsOf(wanted)) ? [] : [wanted];

    private static (PiId, string, BillingMonth, BillingMonth?) MonthsOf(FundEvent.Freed free) =>
        (free.Pi, free.Sku, free.From, free.Until);

    private static Fund Evolve(Fund fund, FundEvent happened) => happened switch
    {
        FundEvent.Granted e => fund with
        {
            Grants = fund.Grants.SetItem(e.Pi, e),
            // Again where nothing stood of the month of the first: what that spent came back.
            MaxUsed = fund.Grants.ContainsKey(e.Pi)
                ? fund.MaxUsed.SetItem(e.Pi, Money.Sum(fund.Uses.GetValueOrDefault(e.Pi)?.Values ?? []))
                : fund.MaxUsed,
        },
        FundEvent.Used e when Spend(fund.Uses, e) is var uses => fund with
        {
            Uses = uses,
            UsedElsewhere = e.IsElsewhere ? Spend(fund.UsedElsewhere, e) : fund.UsedElsewhere,
            MaxUsed = fund.MaxUsed.SetItem(e.Pi, Money.Max(
                fund.MaxUsed.GetValueOrDefault(e.Pi), Money.Sum(uses[e.Pi].Values))),
        },
        FundEvent.Capped e => fund with { Caps = Cap(fund, e) },
        FundEvent.Suspended e => fund with
        {
            Suspensions = fund.Suspensions.SetItem(
                e.Pi, fund.Suspensions.GetValueOrDefault(e.Pi, []).Add((e.From, null))),
        },
        FundEvent.Resumed e => fund with
        {
            Suspensions = fund.Suspensions.SetItem(
                e.Pi, [.. fund.Suspensions[e.Pi].Select(one =>
                    one.Until is null || (one.From <= e.From && one.Until > e.From) ? (one.From, e.From) : one)]),
        },
        FundEvent.Enrolled e => fund with { Enrolments = fund.Enrolments.SetItem(e.Pi, e.From) },
        FundEvent.Freed e => fund with { FreeSkus = fund.FreeSkus.Add(e) },
        _ => throw new CorruptStreamException(fund, happened),
    };

    private static ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Cap(
        Fund fund, FundEvent.Capped capped)
    {
        var caps = fund.Caps.GetValueOrDefault(capped.Pi, ImmutableSortedDictionary<BillingMonth, Money>.Empty);
        return fund.Caps.SetItem(capped.Pi, caps.SetItem(capped.From ?? default, capped.Amount));
    }

    private static ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> Spend(
        ImmutableDictionary<PiId, ImmutableSortedDictionary<BillingMonth, Money>> all, FundEvent.Used used)
    {
        var uses = all.GetValueOrDefault(used.Pi, ImmutableSortedDictionary<BillingMonth, Money>.Empty);
        return all.SetItem(
            used.Pi, uses.SetItem(used.Month, uses.GetValueOrDefault(used.Month) + used.Amount));
    }
}
