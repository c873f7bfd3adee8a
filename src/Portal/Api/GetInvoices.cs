using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/invoices and /v1/invoices/NUMBER, also as PDF and CSV. An invoice spans landlords: only a key of the
/// exchange itself reads one.
/// </summary>
internal static class GetInvoices
{
    /// <summary>An invoice with its lines.</summary>
    internal sealed record WholeInvoice(InvoiceRow Invoice, IReadOnlyList<InvoiceLine> Lines);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/invoices", List).Reads<PageOf<InvoiceRow>>("GetInvoices", "Issued, paid and void invoices.");
        app.MapGet("/v1/invoices/{number}", One).Reads<WholeInvoice>("GetInvoice", "One invoice with its lines.");
        app.MapGet("/v1/invoices/{number}.pdf", Pdf).ReadsFile(
            "GetInvoicePdf", "The invoice as it was sent.", "application/pdf");
        app.MapGet("/v1/invoices/{number}.csv", Csv).ReadsFile("GetInvoiceCsv", "The rows of the invoice.", "text/csv");
    }

    private static async Task<IResult> List(
        HttpContext http, View view, BillingMonth? month, PiId? pi, string? cursor, int? limit, CancellationToken ct)
    {
        if (!ReadRoute.IsForAll(http))
        {
            return new LandlordScope.Refused();
        }

        var most = Cursor.Limit(limit);
        var rows = await InvoiceList.Run(
            await view.Connection(ct), new(month, pi, After: Cursor.Key(cursor), Limit: most), ct);
        var page = PageOf<InvoiceRow>.Of(rows, most, row => row.Id);
        return new Tagged(page with { Items = [.. page.Items.Where(row => row.Status != "draft")] });
    }

    private static Task<IResult> One(
        HttpContext http, View view, IJournal journal, string number, CancellationToken ct) =>
        Answer(http, view, journal, number, (row, invoice) => Task.FromResult<IResult>(new Tagged(new WholeInvoice(
            row, invoice switch
            {
                Invoice.Issued issued => issued.Content.Lines,
                Invoice.Voided gone => gone.Content.Lines,
                _ => [],
            }))), ct);

    private static Task<IResult> Pdf(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        Answer(http, view, exchange.Journal, number, (row, _) => InvoiceFiles.AsPdf(exchange, row, ct), ct);

    private static Task<IResult> Csv(
        HttpContext http, View view, IJournal journal, string number, CancellationToken ct) =>
        Answer(http, view, journal, number, (_, invoice) =>
            Task.FromResult(InvoiceFiles.AsCsv(invoice, number)), ct);

    private static async Task<IResult> Answer(
        HttpContext http, View view, IJournal journal, string number,
        Func<InvoiceRow, Invoice, Task<IResult>> answer, CancellationToken ct)
    {
        if (!ReadRoute.IsForAll(http))
        {
            return new LandlordScope.Refused();
        }

        return await InvoiceFiles.Find(view, journal, number, ct) is var (row, invoice)
            ? await answer(row, invoice)
            : new NotThere();
    }
}
