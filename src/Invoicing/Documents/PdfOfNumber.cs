using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// The PDF of whatever was issued under a number: an invoice to a PI or to a party as it was kept, or a credit note.
/// </summary>
public static class PdfOfNumber
{
    /// <exception cref="RefusedException">There is no such document, or its bytes were changed.</exception>
    public static async Task<byte[]> Run(Sources sources, string number, Instant now, CancellationToken ct)
    {
        if (await sources.Journal.State(PartyInvoice.Fold, number, ct) is not PartyInvoice.Absent)
        {
            return await KeepPartyDocuments.Pdf(sources, number, now, ct);
        }

        // Nothing can happen to a credit note, so it is the same bytes whenever it is drawn.
        return await FindInvoice.CreditNote(sources.Journal, sources.Database, number, ct) is { } note
            ? InvoicePdf.Draw(note, await LogoImage.Find(sources.Journal, note.Logo, ct))
            : await KeepDocuments.Pdf(
                sources, (await FindInvoice.Needed(sources.Journal, sources.Database, number, ct)).Row.Id, now, ct);
    }
}
