using System.Collections.Immutable;

namespace Exchange.Market.Orders;

/// <summary>Who has to approve an order before anything is given.</summary>
public enum Approver
{
    /// <summary>Who answers for the project.</summary>
    Pi,

    /// <summary>Who subsidizes it.</summary>
    Payer,

    /// <summary>Who provides it.</summary>
    Landlord,
}

/// <summary>What an order takes of a month's budget.</summary>
public readonly record struct MonthAmount(BillingMonth Month, Money Amount);

/// <summary>What is ordered: a place of a saved quote, for its project.</summary>
/// <param name="Part">Which place of the quote, from 0.</param>
/// <param name="Payer">Who subsidizes the PI, as 'bu-research-it'; null where nobody does.</param>
/// <param name="Needs">Who has to approve it.</param>
public sealed record OrderTerms(
    string Id, string Quote, int Part, LandlordId Landlord, ClusterId Cluster, ProjectId Project, PiId Pi,
    string? Payer, Period Period, Money Total, ImmutableArray<MonthAmount> Months, ImmutableArray<Approver> Needs)
{
    /// <summary>As budgets name the project: 'stack/p-17'.</summary>
    public string BudgetOf => $"{Cluster}/{Project}";
}

/// <summary>A budget that orders may not pass: what it is in a month, and what of it is spent.</summary>
/// <param name="Of">'cluster/project'; empty for everything of the PI.</param>
public sealed record HardLimit(string Of, BillingMonth Month, Money Budget, Money Spent);

/// <summary>What is known of a PI's budgets, and of what was charged by what they ordered.</summary>
public sealed record KnownBudgets(
    IReadOnlyList<HardLimit> Limits, Func<OrderedEvent.Reserved, BillingMonth, Money> Charged)
{
    public static KnownBudgets Nothing { get; } = new([], (_, _) => Money.Zero);
}
