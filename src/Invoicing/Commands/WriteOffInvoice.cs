using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>'exchange invoices write-off' — the exchange bears what is owed and will not be paid.</summary>
/// <param name="amount">Null for all that is open.</param>
public sealed class WriteOffInvoice(NpgsqlDataSource database, string number, Money? amount, string reason)
    : ICommand<Money>
{
    public string Act => "write off invoice";
    public string Target => $"{number} {amount} {reason}";
    public string Permission => InvoicingPermissions.CorrectInvoices;

    /// <returns>What was written off.</returns>
    public async Task<Money> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        var borne = amount ?? invoice.Open;
        work.Append(invoice.Stream, invoice.WriteOff(borne, reason, now));
        var ledger = $"ledger-write-off:{number}";
        _ = await work.Read<LedgerEvent>(ledger, ct);
        work.Append<LedgerEvent>(ledger,
        [
            Entry.Of(invoice.Stream, $"{number} written off: {reason}",
                [new(Entry.WrittenOff, borne), new(invoice.Account.Receivable, -borne)], now),
        ]);
        return borne;
    }
}
