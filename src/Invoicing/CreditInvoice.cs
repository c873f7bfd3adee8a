using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices credit' — a credit note: the exchange bears a part of what a PI owes. Landlords and funds keep
/// what they have.
/// </summary>
public static class CreditInvoice
{
    /// <param name="amount">Null for all that is not credited yet.</param>
    /// <returns>The number of the credit note.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or it cannot be credited so.</exception>
    /// <exception cref="ConflictException">Someone else took the number or changed the invoice; ask again.</exception>
    public static async Task<(string Number, Money Amount)> Run(
        Sources sources, string invoiceNumber, Money? amount, string reason, Instant now, CancellationToken ct)
    {
        var (row, _) = await FindInvoice.Needed(sources.Journal, sources.Database, invoiceNumber, ct);
        var stream = Invoice.Fold.StreamOf(row.Id);
        var history = await sources.Journal.Read<InvoiceEvent>(stream, ct);
        var invoice = Invoice.Fold.Of(history);
        var credit = amount ?? (invoice is Invoice.Issued issued ? issued.Terms.Owed - issued.Credited : Money.Zero);
        var number = await new ReadInvoice(sources.Journal, stream, row.Id, history.Count).Credit(
            invoiceNumber, credit, note => Invoice.Credit(invoice, note, credit, reason, now),
            () => Entry.Receivable(row.Account.Pi), now, ct);
        return (number, credit);
    }
}
