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
        var series = NumberSeries.Credits(now);
        var seriesStream = NumberSeries.Fold.StreamOf(series);
        var taken = await sources.Journal.Read<NumberEvent>(seriesStream, ct);
        var next = NumberSeries.Fold.Of(taken).Last + 1;
        var number = NumberSeries.Number(series, next);
        var credit = amount ?? (invoice is Invoice.Issued issued ? issued.Terms.Owed - issued.Credited : Money.Zero);
        var credited = Invoice.Credit(invoice, number, credit, reason, now).OrThrow();
        await sources.Journal.Append(
            [
                StreamAppend.Of(stream, history.Count, credited),
                StreamAppend.Of<NumberEvent>(
                    seriesStream, taken.Count, [new NumberEvent.Taken(next, 1, BillingMonth.Of(now))]),
                StreamAppend.Of<LedgerEvent>($"ledger-credit:{number}", 0,
                [
                    Entry.Of(stream, $"Credit note {number} on {invoiceNumber}",
                        [new(Entry.Credits, credit), new(Entry.Receivable(row.Account.Pi), -credit)], now),
                ]),
            ], ct);
        return (number, credit);
    }
}
