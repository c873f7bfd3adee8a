using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Stripe;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /invoices/NUMBER — an invoice as its reader sees it, as page, PDF and CSV from one document; finance also notes
/// what was paid on it.
/// </summary>
internal static class InvoicePage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/invoices/{number}", Page).RequireAuthorization(Permissions.SeeInvoices).ExcludeFromDescription();
        app.MapGet("/invoices/{number}.pdf", Pdf).RequireAuthorization(Permissions.SeeInvoices)
            .ExcludeFromDescription();
        app.MapGet("/invoices/{number}.csv", Csv).RequireAuthorization(Permissions.SeeInvoices)
            .ExcludeFromDescription();
        app.MapPost("/invoices/{number}/payments", Pay).RequireAuthorization(Permissions.NotePayments).ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
        InvoiceRefundBox.Map(app);
    }

    /// <summary>The stream of the invoice that the address names.</summary>
    public static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        await using var view = View.Of(http);
        return await InvoiceList.Run(
            await view.Connection(ct), new(Number: http.Request.RouteValues["number"]?.ToString(), Limit: 1), ct)
            is [var row] ? [Invoice.Fold.StreamOf(row.Id)] : null;
    }

    private static async Task<IResult> Page(
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
    public static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, InvoiceRow row, Invoice invoice, Form form,
        CancellationToken ct)
    {
        var payAt = await StripeBook.PayAt(await view.Connection(ct), row.Number!, ct);
        var edition = await ETag.Of(exchange, [Invoice.Fold.StreamOf(row.Id)], ct);
        var document = FindInvoice.Document(invoice);
        var (lines, payments, refunds) = invoice switch
        {
            Invoice.Issued issued => (issued.Content.Lines, issued.Payments, issued.Refunds),
            Invoice.Voided gone => (gone.Content.Lines, [], []),
            _ => ([], [], []),
        };
        List<InvoiceEvent.Credited> credits = invoice is Invoice.Issued { Credits: var noted } ? [.. noted.Values] : [];
        var open = invoice is Invoice.Issued { Open: var left } ? left : Money.Zero;
        var href = InvoiceRows.Href(row.Number!);
        return Layout.Page(http, document.Title, Html.Of($"""
            <p class="crumbs"><a href="/invoices">Invoices</a> <a href="{href}.pdf">PDF</a> <a href="{href}.csv">CSV</a>
            {InvoiceRows.Tagged(row.StatusOn(exchange.Clock.GetCurrentInstant().InUtc().Date))}</p>
            {form.Summary()}
            {Html.If(payAt is not null, () => Html.Of($"""<p><a class="button" href="{payAt}">Pay online</a></p>"""))}
            <p><a href="/costs/changes?from={row.Month}&amp;to={row.Month.Next}{OfPi(http, row)}">
            Explain the change since {Show.Of(row.Month.Previous)}</a></p>
            {InvoiceSheet.Of(document)}
            {Html.If(invoice is Invoice.Issued && row.Status != "taken", () => Html.Of($"""
            <p class="lead">Balance due: <b>{Show.Of(row.BalanceDue)}</b>, after {Show.Of(row.Paid)} paid and
            {Show.Of(row.Credited)} credited.</p>
            """))}
            {PartyActs.Moved("Payments", payments)}
            {PartyActs.Moved("Refunds", refunds)}
            {Html.If(credits.Count > 0, () => Table.Of("Credit notes", credits, [
                Column<InvoiceEvent.Credited>.Words("Number", c => c.Number),
                Column<InvoiceEvent.Credited>.Words("Reason", c => c.Reason),
                Column<InvoiceEvent.Credited>.Amount("Amount", c => c.Amount)], ""))}
            <h2>Why each line is what it is</h2>
            {InvoiceSheet.Lines(row.Month, lines).Of(http)}
            {Html.If(Viewer.Needed(http).Role == Role.Finance && row.Status == "issued", () => Html.Of($"""
            <h2>Note a payment</h2>
            {Form.Post(http, $"{href}/payments", Html.Of($"""
            {edition.Hidden}{form.Input("reference", "Reference", "As the bank gives it; the same reference counts " +
                "once.", longest: 100)}
            {form.Input("amount", "Amount", $"{Show.Of(open)} is open.", longest: 30)}
            <p><button class="main">Record payment</button></p>
            """))}
            """))}
            {InvoiceRefundBox.Of(http, row, invoice, form, edition)}
            {InvoiceActsBox.Of(http, row, form, edition)}
            """), form.Status);
    }
}

/// <summary>The document of an invoice as a page shows it.</summary>
internal static class InvoiceSheet
{
    public static Html Of(InvoiceDocument document) => Html.Of($"""
        <article class="invoice">{Html.If(document.Logo is not null, () => Html.Of($"""
        <img class="logo" src="{SettingsPage.LogoHref(document.Logo!)}" alt="{document.From[0]}">
        """))}<div class="parties">
        <address>{Html.Join(document.From, line => Html.Of($"{line}<br>"))}</address>
        <address>{Html.Join(document.To, line => Html.Of($"{line}<br>"))}</address>
        <dl class="facts">{Html.Join(document.Facts, f =>
            Html.Of($"<dt>{f.Label}</dt><dd>{f.Value}</dd>"))}</dl></div>
        {Html.Join(document.Sections, section => Section(document, section))}
        <dl class="totals">{Html.Join(document.Totals, t => Html.Of($"<dt>{t.Label}</dt><dd>{t.Amount}</dd>"))}</dl>
        {Html.If(document.Remittance.Length > 0, () => Html.Of($"""
        <h2>Payment instructions</h2>
        <address>{Html.Join(document.Remittance, line => Html.Of($"{line}<br>"))}</address>
        """))}
        {Html.Join(document.Notes, n => Html.Of($"<p class=\"lead\">{n}</p>"))}</article>
        """);

    /// <summary>Every line leads to the charge that explains it.</summary>
    public static Listing<InvoiceLine> Lines(BillingMonth month, IReadOnlyList<InvoiceLine> lines) => new(
        "lines", "Line items", lines,
        [
            Column<InvoiceLine>.Words("Project", l => l.ProjectName),
            Column<InvoiceLine>.Words("Landlord", l => l.Landlord.Value),
            Column<InvoiceLine>.Words("SKU", l => l.Title),
            Column<InvoiceLine>.Words("Used in", l => Show.Of(l.ServiceMonth(month))),
            Column<InvoiceLine>.Number("Quantity", l => l.Quantity.Amount),
            new("Amount", l => Html.Of($"""
                <a href="/charge?month={l.ServiceMonth(month)}&amp;id={Uri.EscapeDataString(l.ChargeId)}">{Show.Of(
                    l.Amount)}</a>
                """), IsNumber: true, l => l.Amount.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture),
                l => l.Amount.Cents),
            new("Paid by", l => Html.Join(l.Funds, f => Html.Of($"{f.Fund} {Show.Of(f.Amount)}<br>")),
                Plain: l => string.Join("; ", l.Funds.Select(f => $"{f.Fund} {f.Amount}"))),
            Column<InvoiceLine>.Amount("PI owes", l => l.PiBalance),
        ], "It has no lines.");

    private static Html Section(InvoiceDocument document, DocumentSection section)
    {
        var sums = document.Columns.Where(place => place >= 3).ToList();
        return Table.Of(
            section.Heading, section.Rows,
            [
                .. document.Columns.Select(place => place == 0
                    ? Column<DocumentRow>.Words(document.Header.What, r => r.What)
                    : Column<DocumentRow>.Number(document.Header.Cells[place], r => r.Cells[place])),
            ], "", Table.Foot(
                section.Sum.What, document.Columns.Length - sums.Count,
                [.. sums.Select(place => Html.Of($"{section.Sum.Cells[place]}"))]));
    }
}
