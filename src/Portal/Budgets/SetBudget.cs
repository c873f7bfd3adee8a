using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Budgets;

/// <summary>/pi/budget — sets or removes a budget of a PI, for everything or for one project.</summary>
/// <param name="amount">Null to have none.</param>
internal sealed class SetBudget(BudgetOwner owner, Money? amount, BudgetRules rules, string by) : ICommand<bool>
{
    public string Act => "set budget";
    public string Target => $"{amount?.ToString() ?? "none"} {owner.Project}".TrimEnd();
    public string Permission => Permissions.SetBudget;

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var said = Budget.SetTo(await work.State(Budget.Fold, owner.Id, ct), amount, rules, by, now).OrThrow();
        work.Append(Budget.Fold.StreamOf(owner.Id), said);
        return said.Count > 0;
    }
}
