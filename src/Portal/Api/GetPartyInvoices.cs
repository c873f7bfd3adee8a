using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/party-invoices and /v1/party-invoices/NUMBER, also as PDF and CSV: what institutions, payers and prepaid
/// groups got. Only a key of the exchange itself reads them.
/// </summary>
internal static class GetPartyInvoices
{
    /// <summary>An invoice to a party with its lines.</summary>
    internal sealed record WholePartyInvoice(PartyRow Invoice, IReadOnlyList<PartyLine> Lines);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/party-invoices", List).Reads<PageOf<PartyRow>>(
            "GetPartyInvoices", "Invoices to institutions, payers and prepaid groups.");
        app.MapGet("/v1/party-invoices/{number}", One).Reads<WholePartyInvoice>(
            "GetPartyInvoice", "One invoice to a party with its lines.");
        app.MapGet("/v1/party-invoices/{number}.pdf", Pdf).ReadsFile(
            "GetPartyInvoicePdf", "The invoice as it was sent.", "application/pdf");
        app.MapGet("/v1/party-invoices/{number}.csv", Csv).ReadsFile(
            "GetPartyInvoiceCsv", "The rows of the invoice.", "text/csv");
    }

    private static async Task<IResult> List(
        HttpContext http, View view, BillingMonth? month, string? cursor, int? limit, CancellationToken ct) =>
        ReadRoute.IsForAll(http)
            ? new Tagged(PageOf<PartyRow>.Cut(
                await PartyList.Run(await view.Connection(ct), month, ct), cursor, limit,
                row => $"{row.Month}:{row.Number}"))
            : new LandlordScope.Refused();

    private static Task<IResult> One(
        HttpContext http, View view, IJournal journal, string number, CancellationToken ct) =>
        Answer(http, view, journal, number, (row, invoice) => Task.FromResult<IResult>(new Tagged(
            new WholePartyInvoice(row, invoice switch
            {
                PartyInvoice.Issued issued => issued.Content.Lines,
                PartyInvoice.Voided gone => gone.Content.Lines,
                _ => [],
            }))), ct);

    private static Task<IResult> Pdf(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        Answer(http, view, exchange.Journal, number, async (_, _) => Results.File(
            await KeepPartyDocuments.Pdf(exchange.Sources, number, exchange.Clock.GetCurrentInstant(), ct),
            "application/pdf", $"{number}.pdf"), ct);

    private static Task<IResult> Csv(
        HttpContext http, View view, IJournal journal, string number, CancellationToken ct) =>
        Answer(http, view, journal, number, (_, invoice) => Task.FromResult(Results.File(
            Encoding.UTF8.GetBytes(InvoiceCsv.Of(PartyDocument.Of(invoice, Issuer.Lines))),
            "text/csv; charset=utf-8", $"{number}.csv")), ct);

    private static async Task<IResult> Answer(
        HttpContext http, View view, IJournal journal, string number,
        Func<PartyRow, PartyInvoice, Task<IResult>> answer, CancellationToken ct)
    {
        if (!ReadRoute.IsForAll(http))
        {
            return new LandlordScope.Refused();
        }

        return await PartyList.Find(await view.Connection(ct), number, ct) is { } found
            ? await answer(found, await journal.State(PartyInvoice.Fold, number, ct))
            : new NotThere();
    }
}
