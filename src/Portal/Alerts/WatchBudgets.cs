using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Alerts;

/// <summary>A job: notes, once, that a PI's spending of a month passed a part of a budget, or is going to.</summary>
internal static class WatchBudgets
{
    /// <summary>Looks at this month and the one before, which may not be closed yet.</summary>
    public static async Task Open(Composition exchange, CancellationToken ct)
    {
        var month = BillingMonth.Of(exchange.Clock.GetCurrentInstant());
        await Run(exchange, month.Previous, ct);
        await Run(exchange, month, ct);
    }

    public static async Task Run(Composition exchange, BillingMonth month, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var budgets = await BudgetList.All(exchange.Database, null, ct);
        foreach (var of in budgets.GroupBy(budget => budget.Pi))
        {
            var spent = await PiSpent.Of(exchange, of.Key, month, now, ct);
            foreach (var owner in of)
            {
                await exchange.Journal.Decide(
                    Budget.Fold, owner.Id,
                    budget => Budget.Watch(budget, month, spent.Of(owner.Project, budget.Rules.AfterCredits), now), ct);
            }
        }
    }
}

/// <summary>What the projects of a PI spend in a month, before and after credits.</summary>
/// <param name="Rest">What the programs can still pay for the PI in that month.</param>
/// <param name="Forecast">What the whole month will be charged; null when too little of it is known.</param>
internal sealed record PiSpent(
    IReadOnlyList<(string Project, Money Charged, Money Owed)> Projects, Money Rest, Money? Forecast)
{
    public static async Task<PiSpent> Of(
        Composition exchange, PiId pi, BillingMonth month, Instant now, CancellationToken ct)
    {
        // As the PI sees it, so that the figures are those of their page.
        await using var view = new View(exchange.Views, new("job:budgets", "", Role.Pi, Pi: pi));
        var funds = await AfterFunds.Of(view, exchange, month, pi, now, ct);
        var days = await MonthSpend.DaysOf(view, month, pi, ct);
        var forecast = month.Period.Contains(now) ? Web.SpendChart.Month(month, days, now.InUtc().Date) : null;
        return new(
            [
                .. funds.Lines.Where(line => line.Adjusts is null)
                    .GroupBy(line => BudgetOwner.Named(line.Cluster, line.Project), StringComparer.Ordinal)
                    .Select(of => (of.Key, Money.Sum(of.Select(line => line.Amount)),
                        Money.Sum(of.Select(line => line.PiBalance)))),
            ],
            Money.Sum(funds.Left.Select(fund => fund.Left)), forecast?.Expected);
    }

    /// <param name="project">As 'stack/p-17'; empty for everything.</param>
    public MonthSpent Of(string project, bool afterCredits)
    {
        var wanted = Projects.Where(one => project.Length == 0 || one.Project == project).ToList();
        var (charged, owed) = (Money.Sum(wanted.Select(one => one.Charged)), Money.Sum(wanted.Select(one => one.Owed)));
        var all = Money.Sum(Projects.Select(one => one.Charged));
        if (Forecast is not { } whole || all.IsZero)
        {
            return new(afterCredits ? owed : charged, null);
        }

        // What is still to come is shared as what has come; of that the programs pay what they can first.
        var coming = whole > all ? whole - all : Money.Zero;
        var paid = afterCredits ? Money.Min(coming, Rest > Money.Zero ? Rest : Money.Zero) : Money.Zero;
        var share = Money.Round((coming - paid).Amount * charged.Amount / all.Amount);
        return new(afterCredits ? owed : charged, (afterCredits ? owed : charged) + share);
    }
}
