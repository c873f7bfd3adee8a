using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>'exchange invoices refund' — notes money that went back to a PI, and posts it.</summary>
public static class RefundInvoice
{
    /// <param name="id">As the invoice's stream is named: '2026-10:ada@bu.edu'.</param>
    /// <exception cref="RefusedException">So much was not paid.</exception>
    /// <exception cref="ConflictException">Someone else changed the invoice meanwhile; ask again.</exception>
    public static async Task Run(
        IJournal journal, string id, string reference, Money amount, Instant now, CancellationToken ct)
    {
        var stream = Invoice.Fold.StreamOf(id);
        var history = await journal.Read<InvoiceEvent>(stream, ct);
        var refunded = Invoice.Refund(Invoice.Fold.Of(history), reference, amount, now).OrThrow();
        if (refunded.Count == 0)
        {
            return;
        }

        var pi = history.OfType<InvoiceEvent.Drafted>().Last().Pi;
        var ledger = $"ledger-payments:{id}";
        var posted = await journal.Read<LedgerEvent>(ledger, ct);
        await journal.Append(
            [
                StreamAppend.Of(stream, history.Count, refunded),
                StreamAppend.Of<LedgerEvent>(ledger, posted.Count,
                [
                    Entry.Of(stream, $"Refund {reference}",
                        [new(Entry.Receivable(pi), amount), new(Entry.Cash, -amount)], now),
                ]),
            ], ct);
    }
}
