using System.Collections.Immutable;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices void' — takes an invoice back and everything that followed from it. The next close bills the
/// usage of a PI's again, as adjustments; what an institution took from its PIs, they owe again. What was paid on it is
/// the account's again, for the next invoice or to be refunded.
/// </summary>
public sealed class VoidInvoice(Sources sources, string number, string reason) : ICommand<bool>
{
    public string Act => "void invoice";
    public string Target => $"{number} {reason}";
    public string Permission => InvoicingPermissions.CorrectInvoices;

    /// <returns>False when it was void already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var invoice = await InvoiceToChange.Read(work, sources.Database, number, ct);
        var facts = await sources.Now(ct);
        await RefuseBeyondTheHorizon(work, facts, invoice, now, ct);
        var unapplied = await Unapply(work, invoice, now, ct);
        return invoice.Stream == PartyInvoice.Fold.StreamOf(number)
            ? await VoidOfParty.Decide(work, sources.Database, number, (reason, unapplied), now, ct)
            : await VoidOfPi.Decide(
                work, facts.Landlords, invoice.Id, (reason, unapplied), now, ct);
    }

    /// <summary>What it billed would wait for a decision of each close, and nobody would be billed for it.</summary>
    private async Task RefuseBeyondTheHorizon(
        UnitOfWork work, Sources facts, InvoiceToChange invoice, Instant now, CancellationToken ct)
    {
        var months = Months.Fold.Of(await work.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct));
        if (Horizon.First(months, facts.Profiles, now) is { } first && invoice.Used
            .Where(month => month < first && months.IsClosed(month)).Order().Select(month => (BillingMonth?)month)
            .FirstOrDefault() is { } old)
        {
            throw new RefusedException(new(
                "invoice/hard-closed",
                $"{number} bills usage of {old}, and months before {first} are closed for good. Correct it by a " +
                "credit note ('exchange invoices credit')."));
        }
    }

    /// <summary>What payments paid of it, by their names on it, as far as they are the account's again.</summary>
    private async Task<ImmutableArray<(string Payment, Money Amount)>> Unapply(
        UnitOfWork work, InvoiceToChange invoice, Instant now, CancellationToken ct)
    {
        if (invoice.Paid <= Money.Zero)
        {
            return [];
        }

        var account = await AccountToChange.Read(work, sources.Database, invoice.Account, now, ct);
        var unapplied = await account.Unapply(number, ct);
        await account.Post($"What was paid on {number} is the account's again", ct);
        return unapplied;
    }
}
