using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// What was billed of a month, from what closes kept and the journal proves; of months that older versions closed from
/// their invoices in the journal. No read model is asked: whoever changes one changes no bill.
/// </summary>
public sealed class BilledSoFar(IJournal journal, NpgsqlDataSource database, Months months)
{
    private readonly KeptCharges _kept = new(database, months);
    private readonly Dictionary<BillingMonth,
        List<(Account Account, BillingMonth Month, InvoiceLine Line)>> _older = [];

    public KeptCharges Kept => _kept;

    public async Task<ILookup<Account, InvoiceLine>> Of(BillingMonth month, CancellationToken ct)
    {
        var lines = (await _kept.BilledOf(month, ct)).Select(kept => (kept.Account, Line: kept.Charge is { } charge
            ? kept.Line with { Billed = (charge.Institution, KeptCharges.ClosedBy(kept)) }
            : kept.Line)).ToList();
        foreach (var closed in months.Closed.Values.Where(one => one.Kept is null && one.Month >= month))
        {
            lines.AddRange((await Older(closed, ct)).Where(of => of.Month == month)
                .Select(of => (of.Account, of.Line)));
        }

        return lines.ToLookup(of => of.Account, of => of.Line);
    }

    /// <summary>The lines of a close that kept nothing, of its invoices that are not void.</summary>
    private async Task<List<(Account Account, BillingMonth Month, InvoiceLine Line)>> Older(
        MonthEvent.Closed closed, CancellationToken ct)
    {
        if (_older.TryGetValue(closed.Month, out var known))
        {
            return known;
        }

        var lines = new List<(Account, BillingMonth, InvoiceLine)>();
        foreach (var account in closed.Billed.Select(pi => new Account(pi)).Append(Account.Suspense))
        {
            var draft = await journal.State(Invoice.Fold, $"{closed.Month}:{account}", ct) switch
            {
                Invoice.Draft open => open.Content,
                Invoice.Issued issued => issued.Content,
                _ => null,
            };
            lines.AddRange((draft?.Lines ?? []).Select(line => (
                account, line.ServiceMonth(closed.Month), line with { Billed = (draft!.Institution, closed.Month) })));
        }

        return _older[closed.Month] = lines;
    }
}
