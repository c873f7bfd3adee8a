using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Stripe;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /invoices/NUMBER — an invoice as its reader sees it, as page, PDF and CSV from one document; finance also notes
/// what was paid on it.
/// </summary>
public sealed partial class InvoicePage
{
    /// <summary>An invoice, what happened to it, and what its reader may do with it.</summary>
    public sealed record Bill(InvoiceDocument Document, string Number, PaymentStatus Status)
    {
        /// <summary>Where it is paid online; null where it is not.</summary>
        public required string? PayAt { get; init; }

        /// <summary>Where the change since the month before is explained.</summary>
        public required (BillingMonth Since, string Href) Change { get; init; }

        /// <summary>What is to be paid and what became of the rest; null where nothing of it is said.</summary>
        public required BalanceLine.Balance? Balance { get; init; }

        /// <summary>What came and went: payments, refunds, credit notes.</summary>
        public required IReadOnlyList<ITable> Moved { get; init; }

        public required IListing Lines { get; init; }

        public required string Edition { get; init; }

        /// <summary>What is open, where the reader may note a payment.</summary>
        public required Money? Payable { get; init; }

        /// <summary>What was paid and kept, where the reader may note a refund.</summary>
        public required Money? Refundable { get; init; }

        public required bool IsCorrectable { get; init; }

        /// <summary>Whether it is void, nothing was issued instead, and the reader may do so.</summary>
        public required bool IsReissuable { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/invoices/{number}", Get).RequireAuthorization(Permissions.SeeInvoices).ExcludeFromDescription();
        app.MapGet("/invoices/{number}.pdf", Pdf).RequireAuthorization(Permissions.SeeInvoices)
            .ExcludeFromDescription();
        app.MapGet("/invoices/{number}.csv", Csv).RequireAuthorization(Permissions.SeeInvoices)
            .ExcludeFromDescription();
        app.MapPost("/invoices/{number}/payments", Pay).RequireAuthorization(Permissions.NotePayments).ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
        InvoiceRefundBox.Map(app);
    }

    /// <summary>The stream of the invoice that the address names.</summary>
    internal static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        await using var view = View.Of(http);
        return await InvoiceList.Run(
            await view.Connection(ct), new(Number: http.Request.RouteValues["number"]?.ToString(), Limit: 1), ct)
            is [var row] ? [Invoice.Fold.StreamOf(row.Id)] : null;
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        await InvoiceFiles.Find(view, exchange.Journal, number, ct) is var (row, invoice)
            ? await Draw(http, view, exchange, row, invoice, Form.Empty, ct)
            : new NotThere();

    private static async Task<IResult> Pdf(View view, Composition exchange, string number, CancellationToken ct) =>
        await InvoiceFiles.Find(view, exchange.Journal, number, ct) is var (row, _)
            ? await InvoiceFiles.AsPdf(exchange, row, ct)
            : new NotThere();

    private static async Task<IResult> Csv(View view, IJournal journal, string number, CancellationToken ct) =>
        await InvoiceFiles.Find(view, journal, number, ct) is var (_, invoice)
            ? InvoiceFiles.AsCsv(invoice, number)
            : new NotThere();

    private static async Task<IResult> Pay(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        if (await InvoiceFiles.Find(view, exchange.Journal, number, ct) is not var (row, invoice))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var reference = form.Line("reference", "The reference", 100);
        var amount = form.Amount("amount", "The amount");
        if (form.IsRight)
        {
            var refusal = await exchange.Commands.Try(
                new PayInvoice(exchange.Database, number, reference, amount!.Value), http, ct);
            if (refusal is null)
            {
                return Results.Redirect(InvoiceRows.Href(number));
            }

            form.Wrong(refusal.Code == "invoice/payment-differs" ? "reference" : "amount", refusal.Message);
        }

        return await Draw(http, view, exchange, row, invoice, form, ct);
    }

    /// <summary>Finance sees everybody's costs: what is explained is this PI's.</summary>
    private static string OfPi(HttpContext http, InvoiceRow row) =>
        Viewer.Needed(http).Pi is null && row.Account.Pi is { } pi ? $"&pi={Uri.EscapeDataString(pi.Value)}" : "";

    /// <param name="form">Empty, or what was typed and is not right.</param>
    internal static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, InvoiceRow row, Invoice invoice, Form form,
        CancellationToken ct)
    {
        var lines = Lines(row.Month, invoice switch
        {
            Invoice.Issued issued => issued.Content.Lines,
            Invoice.Voided gone => gone.Content.Lines,
            _ => [],
        });
        if (lines.Answer(http) is { } file)
        {
            return file;
        }

        var (document, isFinance) = (FindInvoice.Document(invoice), Viewer.Needed(http).Role == Role.Finance);
        return Page.Of<InvoicePage, Bill>(
            http, document.Title, new(
                document, row.Number!, row.StatusOn(exchange.Clock.GetCurrentInstant().InUtc().Date))
            {
                PayAt = await StripeBook.PayAt(await view.Connection(ct), row.Number!, ct),
                Change = (row.Month.Previous,
                    $"/costs/changes?from={row.Month}&to={row.Month.Next}{OfPi(http, row)}"),
                Balance = row.Status == "taken" ? null : BalanceLine.Balance.Of(invoice),
                Moved = invoice is Invoice.Issued of ? Moved(of) : [],
                Lines = lines,
                Edition = (await ETag.Of(exchange, [Invoice.Fold.StreamOf(row.Id)], ct)).Version,
                Payable = isFinance && row.Status == "issued"
                    ? invoice is Invoice.Issued { Open: var open } ? open : Money.Zero : null,
                Refundable = isFinance && invoice is Invoice.Issued { Paid: var paid } && paid > Money.Zero
                    ? paid : null,
                IsCorrectable = isFinance && row.Status is "issued" or "paid",
                IsReissuable = isFinance && invoice is Invoice.Voided { Replaced: null },
            }, form);
    }

    private static ITable[] Moved(Invoice.Issued invoice) =>
    [
        PartyActs.Moved("Payments", invoice.Payments), PartyActs.Moved("Refunds", invoice.Refunds),
        new TableOf<InvoiceEvent.Credited>("Credit notes", [.. invoice.Credits.Values],
        [
            Column<InvoiceEvent.Credited>.Words("Number", c => c.Number),
            Column<InvoiceEvent.Credited>.Words("Reason", c => c.Reason),
            Column<InvoiceEvent.Credited>.Amount("Amount", c => c.Amount),
        ], ""),
    ];

    /// <summary>Every line leads to the charge that explains it.</summary>
    private static Listing<InvoiceLine> Lines(BillingMonth month, IReadOnlyList<InvoiceLine> lines) => new(
        "lines", "Line items", lines,
        [
            Column<InvoiceLine>.Words("Project", l => l.ProjectName),
            Column<InvoiceLine>.Words("Landlord", l => l.Landlord.Value),
            Column<InvoiceLine>.Words("SKU", l => l.Title),
            Column<InvoiceLine>.Words("Used in", l => Show.Of(l.ServiceMonth(month))),
            Column<InvoiceLine>.Number("Quantity", l => l.Quantity.Amount),
            new("Amount", l => Cell.Link(
                    $"/charge?month={l.ServiceMonth(month)}&id={Uri.EscapeDataString(l.ChargeId)}", Show.Of(l.Amount)),
                IsNumber: true, l => l.Amount.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture),
                l => l.Amount.Cents),
            new("Paid by", l => Cell.Lines(l.Funds.Select(f => Cell.Words($"{f.Fund} {Show.Of(f.Amount)}"))),
                Plain: l => string.Join("; ", l.Funds.Select(f => $"{f.Fund} {f.Amount}"))),
            Column<InvoiceLine>.Amount("PI owes", l => l.PiBalance),
        ], "It has no lines.");
}
