using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange payments record' — notes money that came to an account and pays invoices with it; what is left is kept on
/// the account as unapplied. The same reference counts once.
/// </summary>
public sealed class RecordPayment(NpgsqlDataSource database, PaymentToRecord payment) : ICommand<PaymentRecorded>
{
    public string Act => "record payment";
    public string Target => $"{payment.Account} {payment.Reference} {payment.Amount}";
    public string Permission => InvoicingPermissions.NotePayments;

    public async Task<PaymentRecorded> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var account = await AccountToChange.Read(work, database, payment.Account, now, ct);
        var valueDate = payment.ValueDate ?? now.InUtc().Date;
        if (!account.Receive(payment.Reference, payment.Amount, valueDate))
        {
            return new(false, [], account.PaymentOf(payment.Reference)!.Unapplied);
        }

        var paid = payment.Invoices.IsEmpty ? await OldestFirst(account, ct) : await AsTold(account, ct);
        await account.Post(PaymentToRecord.EntryOf(payment.Reference, valueDate), ct);
        return new(true, paid, account.PaymentOf(payment.Reference)!.Unapplied);
    }

    private async Task<ImmutableArray<InvoiceToPay>> OldestFirst(AccountToChange account, CancellationToken ct)
    {
        var paid = ImmutableArray.CreateBuilder<InvoiceToPay>();
        var left = payment.Amount;
        foreach (var invoice in await OpenInvoices.Under(database, account.Names, ct))
        {
            var part = Money.Min(left, await account.OpenOf(invoice.Number, ct));
            if (part > Money.Zero)
            {
                await account.Apply(payment.Reference, invoice.Number, part, ct);
                paid.Add(new(invoice.Number, part));
                left -= part;
            }
        }

        return paid.ToImmutable();
    }

    private async Task<ImmutableArray<InvoiceToPay>> AsTold(AccountToChange account, CancellationToken ct)
    {
        var paid = ImmutableArray.CreateBuilder<InvoiceToPay>();
        var left = payment.Amount;
        foreach (var (number, amount) in payment.Invoices)
        {
            var part = amount ?? Money.Min(left, await account.OpenOf(number, ct));
            if (amount is not null || part > Money.Zero)
            {
                await account.Apply(payment.Reference, number, part, ct);
                paid.Add(new(number, part));
                left -= part;
            }
        }

        return paid.ToImmutable();
    }
}
