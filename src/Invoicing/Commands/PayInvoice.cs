using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices pay' — notes money that was paid on an invoice, whoever it is to. What is more than the invoice
/// asks for is kept on the account. The same reference counts once.
/// </summary>
/// <param name="valueDate">The day on which the bank counted it; null for today.</param>
public sealed class PayInvoice(
    NpgsqlDataSource database, string number, string reference, Money amount, LocalDate? valueDate = null)
    : ICommand<bool>
{
    public string Act => "note payment";
    public string Target => $"{number} {reference} {amount}";
    public string Permission => InvoicingPermissions.NotePayments;

    /// <returns>False when the payment was noted before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        var account = await AccountToChange.Read(work, database, invoice.Account, now, ct);
        if (account.PaymentOf(reference) is null && invoice.IsPaidBy(reference))
        {
            return invoice.Pay(reference, amount, now).Count > 0; // Noted when invoices alone were told of payments.
        }

        var day = valueDate ?? now.InUtc().Date;
        if (!account.Receive(reference, amount, day))
        {
            return false;
        }

        if (invoice.NotPayable is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        if (Money.Min(amount, invoice.Open) is var part && part > Money.Zero)
        {
            await account.Apply(reference, number, part, ct);
        }

        await account.Post(PaymentToRecord.EntryOf(reference, day), ct);
        return true;
    }
}
