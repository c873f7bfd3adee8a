using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Portal.Alerts;
using Exchange.Portal.Budgets;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What is known of a PI's hard budgets when something is ordered, agreed or bid: what they are, what is spent, and
/// what was charged of what had been reserved.
/// </summary>
internal static class BudgetsFor
{
    private const int MaxCharges = 100_000;

    public static async Task<KnownBudgets> Read(
        Composition exchange, PiId pi, IReadOnlyCollection<BillingMonth> months, CancellationToken ct)
    {
        var limits = new List<HardLimit>();
        var charged = new List<(string Agreement, ShownCharge Charge)>();
        var now = exchange.Clock.GetCurrentInstant();
        var budgets = await Hard(exchange, pi, ct);
        foreach (var month in budgets.Count == 0 ? [] : months)
        {
            var spent = await PiSpent.Of(exchange, pi, month, now, ct);
            limits.AddRange(budgets.Select(one => new HardLimit(
                one.Project, month, one.Amount, spent.Of(one.Project, one.Rules.AfterCredits).Spent)));
            await using var view = new View(exchange.Views, new("job:orders", "", Role.Pi, Pi: pi));
            foreach (var charge in await Charges.Find(view, new(month, Pi: pi, Limit: MaxCharges), ct))
            {
                if (Charge.AgreementOf(charge.Id) is { } agreement)
                {
                    charged.Add((agreement, charge));
                }
            }
        }

        return new(limits, (order, month) => Money.Sum(charged
            .Where(one => one.Charge.Month == month &&
                order.IsFor(one.Agreement, one.Charge.Landlord, one.Charge.Cluster))
            .Select(one => one.Charge.Amount)));
    }

    /// <summary>For leases, reservations, commitments and bids.</summary>
    public static async Task<BudgetKeeper> Keeper(Composition exchange, CancellationToken ct)
    {
        var owners = new Attribution(
            await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
            exchange.Facts.Billability);
        return new(
            await exchange.Prices.Get(ct), (cluster, project, at) => owners.Of(cluster, project, at).Pi,
            (pi, months, token) => Read(exchange, pi, months, token));
    }

    /// <summary>The same for bids, which name a project wherever it is.</summary>
    public static async Task<(BudgetKeeper Keeper, Func<ProjectId, Instant, PiId?> PiOf)> OfBids(
        Composition exchange, CancellationToken ct)
    {
        var directory = await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        return (await Keeper(exchange, ct), (project, at) => directory.Facts.Keys.Where(of => of.Project == project)
            .OrderBy(of => of.Cluster.Value, StringComparer.Ordinal)
            .Select(of => directory.At(of.Cluster, project, at)?.Pi).OfType<PiId>()
            .Select(pi => (PiId?)directory.PiOf(pi)).FirstOrDefault());
    }

    private static async Task<List<(string Project, Money Amount, BudgetRules Rules)>> Hard(
        Composition exchange, PiId pi, CancellationToken ct)
    {
        var hard = new List<(string, Money, BudgetRules)>();
        foreach (var owner in await BudgetList.All(exchange.Database, pi, ct))
        {
            var budget = await exchange.Journal.State(Budget.Fold, owner.Id, ct);
            if (budget is { Amount: { } amount, Rules: { IsHard: true } rules })
            {
                hard.Add((owner.Project, amount, rules));
            }
        }

        return hard;
    }
}
