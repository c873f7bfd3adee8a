using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices pay' — notes money that was paid on an invoice, whoever it is to, and posts it. The same
/// reference counts once.
/// </summary>
public sealed class PayInvoice(NpgsqlDataSource database, string number, string reference, Money amount)
    : ICommand<bool>
{
    public string Act => "note payment";
    public string Target => $"{number} {reference} {amount}";
    public string Permission => Permissions.NotePayments;

    /// <returns>False when the payment was noted before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        return await MoveMoney.On(
            work, invoice, invoice.Pay(reference, amount, now), $"Payment {reference}", amount, now, ct);
    }
}
