using Exchange.Invoicing.Funds;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// What a payer or finance decides about a program's money: 'exchange programs enroll | cap | suspend | resume | free',
/// and the same of a subsidy on its payer's page.
/// </summary>
/// <param name="kinds">The kinds of programs that it is done to.</param>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One or several of the acts of <see cref="Fund"/>.</param>
public sealed class ChangeFund(
    Programme programme, IReadOnlyList<ProgrammeKind> kinds, string act, string target,
    Func<Fund, Instant, Decision<FundEvent>> rule) : ICommand<bool>
{
    public string Act => act;
    public string Target => target;
    public string Permission => InvoicingPermissions.DecideSubsidy;

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (!kinds.Contains(programme.Kind))
        {
            throw new RefusedException(new(
                "programme/other-kind",
                $"'{programme.Id}' is a {ActOnFund.NameOf(programme.Kind)}, and this is done to a " +
                $"{string.Join(" or ", kinds.Select(ActOnFund.NameOf))}."));
        }

        var said = rule(await work.State(Fund.Fold, programme.Id, ct), now).OrThrow();
        work.Append(Fund.Fold.StreamOf(programme.Id), said);
        return said.Count > 0;
    }
}
