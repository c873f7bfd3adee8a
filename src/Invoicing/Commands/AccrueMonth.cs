using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>What the accrual of a month comes to, by account, and whether anything was posted for it.</summary>
public sealed record AccruedMonth(BillingMonth Month, ImmutableArray<Posting> Postings, bool IsNew);

/// <summary>
/// 'exchange ledger accrue' — posts what was used in a month and is not billed yet, from the sums that are kept of it;
/// once more, it posts what changed since. The close of the month takes it back.
/// </summary>
public sealed class AccrueMonth(Sources sources, BillingMonth month, string policies) : ICommand<AccruedMonth>
{
    public string Act => "accrue month";
    public string Target => month.ToString();
    public string Permission => InvoicingPermissions.PostAccruals;

    public async Task<AccruedMonth> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var accruals = await work.State(Accruals.Fold, Accruals.Id, ct);
        var due = await Due(sources, month, policies, now, ct);
        var events = accruals.Accrue(month, due, now).OrThrow();
        work.Append(Accruals.Fold.StreamOf(Accruals.Id), events);
        return new(month, [.. due.Select(of => new Posting(of.Key, of.Value))], events.Count > 0);
    }

    /// <summary>What accruing a month now would come to. Writes nothing.</summary>
    /// <exception cref="RefusedException">The month is closed, or one before it is not.</exception>
    public static async Task<ImmutableSortedDictionary<string, Money>> Due(
        Sources sources, BillingMonth month, string policies, Instant now, CancellationToken ct)
    {
        var outcome = await CloseMonth.Plan(sources, month, policies, now, ct);
        if (outcome.Plan is not { } plan)
        {
            throw new RefusedException(new(
                "accrual/closed", $"{month} is closed: all that was used in it is billed. Accrue an open month."));
        }

        // What came late to closed months, and what is left of grants, would stand in the accrual of each open month.
        return plan.Checks.FirstOrDefault(check => check.Code == "close/earlier-open") is { } earlier
            ? throw new RefusedException(new("accrual/earlier-open", earlier.Message))
            : Accruals.Of(plan.Entries);
    }
}
