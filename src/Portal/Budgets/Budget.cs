using System.Collections.Immutable;
using System.Net.Mail;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Portal.Budgets;

/// <summary>Everything that can happen to a budget. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Set), "budget-set/1")]
[JsonDerivedType(typeof(Lifted), "budget-lifted/1")]
[JsonDerivedType(typeof(Passed), "budget-passed/1")]
internal abstract record BudgetEvent
{
    private BudgetEvent() { }

    /// <summary>From now on so much a month is meant to be spent at most.</summary>
    /// <param name="Rules">How it is watched; null for budgets of before: what is charged, at 80 and 100 %.</param>
    public sealed record Set(Money Amount, string By, Instant At, BudgetRules? Rules = null) : BudgetEvent;

    public sealed record Lifted(string By, Instant At) : BudgetEvent;

    /// <summary>Spending of a month passed a part of the budget; it is told once.</summary>
    /// <param name="Percent">The part.</param>
    /// <param name="Spent">What was spent, or what the month will come to.</param>
    /// <param name="IsForecast">Whether it is the forecast that passed it; null when it is not.</param>
    public sealed record Passed(
        BillingMonth Month, int Percent, Money Spent, Money Amount, Instant At, bool? IsForecast = null) : BudgetEvent;
}

/// <summary>How a budget is watched.</summary>
/// <param name="AfterCredits">Whether what credits and subsidies pay counts as spent.</param>
/// <param name="Thresholds">The parts of it, in percent, at which its owner is told of what was spent.</param>
/// <param name="ForecastThresholds">The parts at which they are told of what the month will come to.</param>
internal sealed record BudgetRules(
    bool AfterCredits, ImmutableArray<int> Thresholds, ImmutableArray<int> ForecastThresholds)
{
    /// <summary>Whether an order that would pass it is refused.</summary>
    public bool IsHard { get; init; }

    /// <summary>Who is told beside the PI, by mail addresses; null for nobody.</summary>
    public ImmutableArray<string>? Also { get; init; }

    private const int MaxAlso = 10;
    private const int MaxThresholds = 10;
    private const int MaxPercent = 1_000;

    /// <summary>How budgets were watched before one could choose.</summary>
    public static BudgetRules Before { get; } = new(false, [80, 100], []);

    /// <summary>What a new budget is offered.</summary>
    public static BudgetRules Offered { get; } = new(true, [80, 100], [100]);

    /// <summary>Reads thresholds as they are typed: '50, 80, 100'.</summary>
    /// <returns>Null when they are none.</returns>
    public static ImmutableArray<int>? Read(string typed)
    {
        var parts = typed.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.TrimEnd('%')).Where(part => part.Length > 0).ToList();
        var read = parts.ConvertAll(part => int.TryParse(
            part, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out var percent) ? percent : 0);
        return parts.Count <= MaxThresholds && read.TrueForAll(percent => percent is >= 1 and <= MaxPercent)
            ? [.. read.Distinct().Order()]
            : null;
    }

    /// <summary>Reads addresses as they are typed, with blanks or commas between them.</summary>
    /// <exception cref="FormatException">One is no address, or they are too many.</exception>
    public static ImmutableArray<string>? Addresses(string typed)
    {
        var parts = typed.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToImmutableArray();
        var wrong = parts.FirstOrDefault(one => !MailAddress.TryCreate(one, out var read) || read.Address != one);
        return wrong is not null ? throw new FormatException($"'{wrong}' is not a mail address.")
            : parts.Length > MaxAlso ? throw new FormatException($"Name at most {MaxAlso}.")
            : parts.IsEmpty ? null : parts;
    }

    public bool Equals(BudgetRules? other) => other is not null && AfterCredits == other.AfterCredits &&
        IsHard == other.IsHard && (Also ?? []).SequenceEqual(other.Also ?? []) &&
        Thresholds.SequenceEqual(other.Thresholds) && ForecastThresholds.SequenceEqual(other.ForecastThresholds);

    public override int GetHashCode() => HashCode.Combine(AfterCredits, Thresholds.Length, ForecastThresholds.Length);
}

/// <summary>What was spent of a month so far, and what it will come to; null when too little of it is known.</summary>
internal sealed record MonthSpent(Money Spent, Money? Forecast);

/// <summary>What a PI means to spend a month at most. It stops nothing; it says when it is passed.</summary>
internal sealed record Budget(Money? Amount, ImmutableList<BudgetEvent.Passed> Told, BudgetRules Rules)
{
    public static readonly Fold<Budget, BudgetEvent> Fold =
        new("budget", new(null, [], BudgetRules.Offered), Evolve);

    public static Decision<BudgetEvent> SetTo(Budget budget, Money? amount, string by, Instant now) =>
        SetTo(budget, amount, budget.Rules, by, now);

    public static Decision<BudgetEvent> SetTo(
        Budget budget, Money? amount, BudgetRules rules, string by, Instant now) =>
        amount is not { } some ? budget.Amount is null ? [] : [new BudgetEvent.Lifted(by, now)]
        : some == budget.Amount && rules == budget.Rules ? []
        : [new BudgetEvent.Set(some, by, now, rules)];

    /// <summary>Which parts of the budget a month has passed, or will, and nobody was told of yet.</summary>
    public static Decision<BudgetEvent> Watch(Budget budget, BillingMonth month, MonthSpent of, Instant now)
    {
        if (budget.Amount is not { } amount || amount.IsZero)
        {
            return [];
        }

        IEnumerable<BudgetEvent.Passed> parts =
        [
            .. budget.Rules.Thresholds.Select(part => new BudgetEvent.Passed(month, part, of.Spent, amount, now)),
            .. of.Forecast is { } forecast
                ? budget.Rules.ForecastThresholds.Select(
                    part => new BudgetEvent.Passed(month, part, forecast, amount, now, IsForecast: true))
                : [],
        ];
        return [.. parts.Where(part => IsReached(part) && !budget.WasTold(part))];
    }

    private static bool IsReached(BudgetEvent.Passed part) =>
        (Int128)part.Spent.Cents * 100 >= (Int128)part.Amount.Cents * part.Percent;

    private bool WasTold(BudgetEvent.Passed part) => Told.Exists(told =>
        told.Month == part.Month && told.Percent == part.Percent && told.Amount == part.Amount &&
        told.IsForecast == part.IsForecast);

    private static Budget Evolve(Budget budget, BudgetEvent happened) => happened switch
    {
        BudgetEvent.Set e => budget with { Amount = e.Amount, Rules = e.Rules ?? BudgetRules.Before },
        BudgetEvent.Lifted => budget with { Amount = null },
        BudgetEvent.Passed e => budget with { Told = budget.Told.Add(e) },
        _ => throw new CorruptStreamException(budget, happened),
    };
}
