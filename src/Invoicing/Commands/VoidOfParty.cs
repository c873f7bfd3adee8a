using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// What an invoice to a party leaves behind when it is taken back: its PIs owe again, its entry is undone.
/// </summary>
internal static class VoidOfParty
{
    /// <param name="because">Why, and what payments pay of it no more.</param>
    /// <returns>False when it was void already.</returns>
    public static async Task<bool> Decide(
        UnitOfWork work, NpgsqlDataSource database, string number,
        (string Reason, ImmutableArray<(string Payment, Money Amount)> Unapplied) because, Instant now,
        CancellationToken ct)
    {
        var stream = PartyInvoice.Fold.StreamOf(number);
        var invoice = because.Unapplied.Aggregate(
            PartyInvoice.Fold.Of(await work.Read<PartyEvent>(stream, ct)), (left, paid) => PartyInvoice.Fold.Evolve(
                left, new PartyEvent.Unapplied(paid.Payment, paid.Amount, now)));
        var events = PartyInvoice.Void(invoice, because.Reason, now).OrThrow();
        if (events.Count == 0)
        {
            return false;
        }

        work.Append(stream, events);
        var content = ((PartyInvoice.Issued)invoice).Content;
        foreach (var (id, history) in await TakenInvoices.Of(work, database, content, ct))
        {
            if (Invoice.Fold.Of(history) is Invoice.Issued { BilledToInstitution: { } taken } && taken.Number == number)
            {
                work.Append<InvoiceEvent>(Invoice.Fold.StreamOf(id), [new InvoiceEvent.Released(number, now)]);
            }
        }

        if (IssueParties.Entry(number, content.Party, content.Lines.Select(
            line => line with { Amount = -line.Amount }), now) is { Postings.Length: > 0 } entry)
        {
            work.Create<LedgerEvent>($"ledger-void:{number}", [entry]);
        }

        return true;
    }
}
