using System.Collections.Immutable;
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
    public sealed record Set(Money Amount, string By, Instant At) : BudgetEvent;

    public sealed record Lifted(string By, Instant At) : BudgetEvent;

    /// <summary>Spending of a month passed a part of the budget; it is told once.</summary>
    /// <param name="Percent">The part: 80 or 100.</param>
    public sealed record Passed(BillingMonth Month, int Percent, Money Spent, Money Amount, Instant At) : BudgetEvent;
}

/// <summary>What a PI means to spend a month at most. It stops nothing; it says when it is passed.</summary>
internal sealed record Budget(Money? Amount, ImmutableList<BudgetEvent.Passed> Told)
{
    public static readonly Fold<Budget, BudgetEvent> Fold = new("budget", new(null, []), Evolve);

    private static readonly int[] Parts = [80, 100];

    public static Decision<BudgetEvent> SetTo(Budget budget, Money? amount, string by, Instant now) =>
        amount == budget.Amount ? []
        : amount is { } some ? [new BudgetEvent.Set(some, by, now)]
        : [new BudgetEvent.Lifted(by, now)];

    /// <summary>Which parts of the budget a month's spending has passed and nobody was told of yet.</summary>
    public static Decision<BudgetEvent> Watch(Budget budget, BillingMonth month, Money spent, Instant now) =>
        budget.Amount is not { } amount || amount.IsZero ? [] : new Decision<BudgetEvent>(
        [
            .. Parts.Where(part => spent.Cents * 100 >= amount.Cents * part &&
                    !budget.Told.Exists(told => told.Month == month && told.Percent == part && told.Amount == amount))
                .Select(part => new BudgetEvent.Passed(month, part, spent, amount, now)),
        ]);

    private static Budget Evolve(Budget budget, BudgetEvent happened) => happened switch
    {
        BudgetEvent.Set e => budget with { Amount = e.Amount },
        BudgetEvent.Lifted => budget with { Amount = null },
        BudgetEvent.Passed e => budget with { Told = budget.Told.Add(e) },
        _ => throw new CorruptStreamException(budget, happened),
    };
}
