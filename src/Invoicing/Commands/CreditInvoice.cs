using Exchange.Facts;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices credit' — a credit note: the exchange bears a part of what is owed. Landlords and funds keep
/// what they have.
/// </summary>
/// <param name="amount">Null for all that is not credited yet.</param>
public sealed class CreditInvoice(NpgsqlDataSource database, string number, Money? amount, string reason)
    : ICommand<(string Number, Money Amount)>
{
    public string Act => "credit invoice";
    public string Target => $"{number} {amount} {reason}";
    public string Permission => InvoicingPermissions.CorrectInvoices;

    /// <returns>The number of the credit note, and what it comes to.</returns>
    public async Task<(string Number, Money Amount)> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, database, number, ct);
        var credit = amount ?? invoice.NotCredited;
        var series = NumberSeries.Credits(now);
        var numbers = NumberSeries.Fold.StreamOf(series);
        var next = NumberSeries.Fold.Of(await work.Read<NumberEvent>(numbers, ct)).Last + 1;
        var note = NumberSeries.Number(series, next);
        var profiles = BillingProfiles.Of(await work.State(DatedFacts.Fold, DatedFacts.Id, ct));
        work.Append(invoice.Stream, invoice.Credit(new(note, credit, reason, now)
        {
            Letterhead = profiles.Of(invoice.Account.ToString(), now.InUtc().Date),
        }));
        work.Append<NumberEvent>(numbers, [new NumberEvent.Assigned(next, 1, BillingMonth.Of(now))]);
        work.Create<LedgerEvent>($"ledger-credit:{note}",
        [
            Entry.Of(invoice.Stream, $"Credit note {note} on {number}",
                [new(Entry.Credits, credit), new(invoice.Account.Receivable, -credit)], now),
        ]);
        return (note, credit);
    }
}
