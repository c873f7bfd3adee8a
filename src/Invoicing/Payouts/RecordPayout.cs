using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Payouts;

/// <summary>
/// 'exchange payouts record' — notes money that went to a landlord or an owner of hardware, and posts it.
/// </summary>
/// <param name="valueDate">The day on which the bank counted it; null for today.</param>
/// <param name="month">The statement that it pays; null where it is for several.</param>
public sealed class RecordPayout(
    NpgsqlDataSource database, IJournal journal, PayeeName payee, string reference, Money amount, LocalDate? valueDate,
    BillingMonth? month) : ICommand<bool>
{
    public string Act => "record payout";
    public string Target => $"{payee} {reference} {amount}";
    public string Permission => InvoicingPermissions.NotePayments;

    /// <returns>False when the payout was recorded before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (Text.IsBlank(reference))
        {
            throw new RefusedException(new(
                "payment/no-reference", "A payout has a reference, as the bank has it: it tells one from another."));
        }

        var open = (await PayeeList.Run(database, ct)).FirstOrDefault(row => row.Payee == payee)?.Open ?? Money.Zero;
        var before = await work.State(Payee.Fold, payee, ct);
        var totals = await Totals(before, ct);
        var day = valueDate ?? now.InUtc().Date;
        var paid = Payee.Pay(before, new(reference, amount, day, month, now), open, of => totals[of]).OrThrow();
        if (paid.Count == 0)
        {
            return false;
        }

        var stream = Payee.Fold.StreamOf(payee);
        var ledger = $"ledger-payout:{payee}";
        _ = await work.Read<LedgerEvent>(ledger, ct);
        work.Append(stream, paid);
        work.Append<LedgerEvent>(ledger,
        [
            Entry.Of(stream, $"Payout {reference} of {day:uuuu-MM-dd}",
                [new(payee.Payable, amount), new(Entry.Cash, -amount)], now),
        ]);
        return true;
    }

    /// <summary>What the disputed statements come to.</summary>
    private async Task<Dictionary<BillingMonth, Money>> Totals(Payee before, CancellationToken ct)
    {
        var totals = new Dictionary<BillingMonth, Money>();
        foreach (var disputed in before.Disputes.Keys.Select(of => of.Month).Distinct())
        {
            totals[disputed] = (await PayeeStatement.Read(journal, database, payee, disputed, ct)).Total;
        }

        return totals;
    }
}
