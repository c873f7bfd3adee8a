using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>Notes money that a PI paid on an issued invoice, and posts it. The same reference counts once.</summary>
public static class PayInvoice
{
    /// <param name="id">As the invoice's stream is named: '2026-10:ada@bu.edu'.</param>
    /// <returns>The refusal, or null when the payment is noted, now or before.</returns>
    /// <exception cref="ConflictException">Someone else changed the invoice meanwhile; ask again.</exception>
    public static async Task<Refusal?> Run(
        IJournal journal, string id, string reference, Money amount, Instant now, CancellationToken ct)
    {
        var stream = Invoice.Fold.StreamOf(id);
        var history = await journal.Read<InvoiceEvent>(stream, ct);
        var decision = Invoice.Pay(Invoice.Fold.Of(history), reference, amount, now);
        if (decision.Refusal is not null || decision.Events.Count == 0)
        {
            return decision.Refusal;
        }

        await new ReadInvoice(journal, stream, id, history.Count).Move(
            decision.Events, $"Payment {reference}", amount,
            Entry.Receivable(history.OfType<InvoiceEvent.Drafted>().Last().Pi), now, ct);
        return null;
    }
}
