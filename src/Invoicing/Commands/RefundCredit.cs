using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange accounts refund' — notes money that went back out of what an account has in its favor: unapplied cash
/// first, then credit notes, the oldest first.
/// </summary>
/// <param name="reference">What tells this refund from others, as the bank has it.</param>
/// <param name="valueDate">The day on which the bank counted it; null for today.</param>
public sealed class RefundCredit(
    NpgsqlDataSource database, AccountName account, string reference, Money amount, LocalDate? valueDate)
    : ICommand<IReadOnlyList<CreditUsed>>
{
    public string Act => "refund credit";
    public string Target => $"{account} {reference} {amount}";
    public string Permission => InvoicingPermissions.NotePayments;

    public async Task<IReadOnlyList<CreditUsed>> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var changed = await AccountToChange.Read(work, database, account, now, ct);
        var credits = (await OpenInvoices.Under(database, changed.Names, ct))
            .Where(one => one.Open < Money.Zero).ToList();
        var available = changed.Unapplied + Money.Sum(credits.Select(one => -one.Open));
        if (amount <= Money.Zero || amount > available)
        {
            throw new RefusedException(new(
                "account/refund-too-much", $"{amount} is not within the {available} of credit that {account} has."));
        }

        List<CreditUsed> used = [];
        var left = amount;
        foreach (var (of, payment) in changed.WithCash.ToList())
        {
            if (Money.Min(left, payment.Unapplied) is var part && part > Money.Zero)
            {
                var name = used.Count == 0 ? reference : $"{reference} ({used.Count + 1})";
                changed.Return(of, payment.Reference, name, part, valueDate ?? now.InUtc().Date);
                used.Add(new(payment.Reference, reference, part));
                left -= part;
            }
        }

        foreach (var credit in credits)
        {
            if (Money.Min(left, -await changed.OpenOf(credit.Number, ct)) is var part && part > Money.Zero)
            {
                await changed.Refund(credit.Number, reference, part, ct);
                used.Add(new(credit.Number, reference, part));
                left -= part;
            }
        }

        await changed.Post($"Refund {reference}", ct);
        return used;
    }
}
