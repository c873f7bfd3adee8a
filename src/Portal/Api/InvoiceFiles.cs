using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;

namespace Exchange.Portal.Api;

/// <summary>An invoice by its number, and its files, for pages and programs alike.</summary>
internal static class InvoiceFiles
{
    /// <summary>An invoice that this viewer may see.</summary>
    public static async Task<(InvoiceRow Row, Invoice Invoice)?> Find(
        View view, IJournal journal, string number, CancellationToken ct) =>
        await InvoiceList.Run(await view.Connection(ct), new(Number: number, Limit: 1), ct) is [var row]
            ? (row, await journal.State(Invoice.Fold, row.Id, ct))
            : null;

    /// <summary>The PDF as it was kept, so that everybody gets the same bytes.</summary>
    public static async Task<IResult> AsPdf(Composition exchange, InvoiceRow row, CancellationToken ct) =>
        Results.File(
            await KeepDocuments.Pdf(exchange.Sources, row.Id, exchange.Clock.GetCurrentInstant(), ct),
            "application/pdf", $"{row.Number}.pdf");

    public static IResult AsCsv(Invoice invoice, string number) => Results.File(
        Encoding.UTF8.GetBytes(InvoiceCsv.Of(FindInvoice.Document(invoice))), "text/csv; charset=utf-8",
            $"{number}.csv");
}
