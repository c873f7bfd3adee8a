using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>Money that came or went on an invoice: what was decided, and its entry in the ledger.</summary>
internal static class MoveMoney
{
    /// <param name="came">Above zero when it came, below when it went back.</param>
    /// <returns>False when it was noted before, and nothing is to be written.</returns>
    public static async Task<bool> On(
        UnitOfWork work, InvoiceToChange invoice, IReadOnlyList<EventText> noted, string what, Money came,
        Instant now, CancellationToken ct)
    {
        if (noted.Count == 0)
        {
            return false;
        }

        var ledger = $"ledger-payments:{invoice.Id}";
        _ = await work.Read<LedgerEvent>(ledger, ct);
        work.Append(invoice.Stream, noted);
        work.Append<LedgerEvent>(ledger,
            [Entry.Of(invoice.Stream, what, [new(Entry.Cash, came), new(invoice.Receivable, -came)], now)]);
        return true;
    }
}
