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

        await new ReadInvoice(journal, stream, id, history.Count).Move(
            refunded, $"Refund {reference}", -amount,
            Entry.Receivable(history.OfType<InvoiceEvent.Drafted>().Last().Pi), now, ct);
    }
}
