using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices refund' — notes money that went back: what was paid on an invoice, or what a credit note gives.
/// </summary>
public sealed class RefundInvoice(NpgsqlDataSource database, string number, string reference, Money amount)
    : ICommand<bool>
{
    public string Act => "note refund";
    public string Target => $"{number} {reference} {amount}";
    public string Permission => InvoicingPermissions.NotePayments;

    /// <returns>False when the refund was noted before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        var account = await AccountToChange.Read(work, database, invoice.Account, now, ct);
        if (!await account.Refund(number, reference, amount, ct))
        {
            return false;
        }

        await account.Post($"Refund {reference}", ct);
        return true;
    }
}
