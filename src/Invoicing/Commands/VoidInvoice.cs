using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices void' — takes an invoice back and everything that followed from it. The next close bills the
/// usage of a PI's again, as adjustments; what an institution took from its PIs, they owe again.
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
        return invoice.Stream == PartyInvoice.Fold.StreamOf(number)
            ? await VoidOfParty.Decide(work, sources.Database, number, reason, now, ct)
            : await VoidOfPi.Decide(work, (await sources.Now(ct)).Landlords, invoice.Id, reason, now, ct);
    }
}
