using System.Collections.Immutable;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices void --reissue' — issues a void invoice again at once, by what is known now, under new numbers
/// and in the month in which it happens; the next close finds nothing left to bill of it.
/// </summary>
public sealed class ReissueInvoice(Sources sources, string number) : ICommand<ImmutableArray<string>>
{
    public string Act => "reissue invoice";
    public string Target => number;
    public string Permission => InvoicingPermissions.CorrectInvoices;

    /// <returns>
    /// The new numbers, those of before when it was issued again already; none where nothing is due any more.
    /// </returns>
    public async Task<ImmutableArray<string>> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var current = await sources.Now(ct);
        var invoice = await InvoiceToChange.Read(work, current.Database, number, ct);
        if (invoice.Stream == PartyInvoice.Fold.StreamOf(number))
        {
            return await new ReissueToParty(work, current, now).Run(number, ct);
        }

        return Invoice.Fold.Of(await work.Read<InvoiceEvent>(invoice.Stream, ct)) switch
        {
            Invoice.Voided { Replaced: { } known } => known.Numbers,
            Invoice.Voided gone => await new ReissueToPi(work, current, now).Run(invoice.Id, gone, ct),
            _ => throw new RefusedException(NotVoid(number)),
        };
    }

    internal static Refusal NotVoid(string number) => new(
        "invoice/not-void", $"{number} is not void, so it stands. Void it first: 'exchange invoices void {number} " +
        "--reissue --because \"…\"' does both.");
}
