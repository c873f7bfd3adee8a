using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>'exchange invoices refund' — notes money that went back, whoever the invoice is to, and posts it.</summary>
public sealed class RefundInvoice(NpgsqlDataSource database, string number, string reference, Money amount)
    : ICommand<bool>
{
    public string Act => "note refund";
    public string Target => $"{number} {reference} {amount}";
    public string Permission => Permissions.NotePayments;

    /// <returns>False when the refund was noted before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        return await MoveMoney.On(
            work, invoice, invoice.Refund(reference, amount, now), $"Refund {reference}", -amount, now, ct);
    }
}
