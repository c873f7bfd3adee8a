using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/parties — invoices to institutions, payers and prepaid groups: as page and PDF, and what was paid on them.
/// </summary>
public sealed partial class PartiesPage
{
    /// <summary>The invoices to all of them, and what is to be paid.</summary>
    public sealed record Issued(int Count, Money Due, IListing Invoices);

    /// <summary>One invoice.</summary>
    /// <param name="Invoice">Null where it was voided.</param>
    public sealed record Bill(
        InvoiceDocument Document, string Href, PaymentStatus Status, PartyInvoice.Issued? Invoice, string Edition)
    {
        /// <summary>Whether it is void and nothing was issued instead.</summary>
        public required bool IsReissuable { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/finance/parties", Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapGet("/finance/parties/{number}", One).RequireAuthorization(Permissions.SeeFinance)
            .ExcludeFromDescription();
        app.MapGet("/finance/parties/{number}.pdf", Pdf).RequireAuthorization(Permissions.SeeFinance)
            .ExcludeFromDescription();
        app.MapGet("/finance/parties/{number}/credits/{note}.pdf", Note).RequireAuthorization(Permissions.SeeFinance)
            .ExcludeFromDescription();
        app.MapPost("/finance/parties/{number}/payments", Pay).RequireAuthorization(Permissions.NotePayments)
            .ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
        app.MapPost("/finance/parties/{number}/refunds", Refund).RequireAuthorization(Permissions.NotePayments)
            .ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
        app.MapPost("/finance/parties/{number}/credits", Credit).RequireAuthorization(Permissions.CorrectInvoices)
            .ChecksForm().Edits(Streams).ExcludeFromDescription();
        app.MapPost("/finance/parties/{number}/void", Void).RequireAuthorization(Permissions.CorrectInvoices)
            .ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
    }

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        await using var view = View.Of(http);
        return await Find(view, http.Request.RouteValues["number"]?.ToString() ?? "", ct) is { } row
            ? [PartyInvoice.Fold.StreamOf(row.Number)] : null;
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        var rows = await PartyList.Run(await view.Connection(ct), month, ct);
        var listing = new Listing<PartyRow>(
            "parties", "Invoices to institutions, payers and groups",
            [.. rows.OrderByDescending(r => r.Month).ThenBy(r => r.Number, StringComparer.Ordinal)],
            [
                Column<PartyRow>.Link("Number", r => r.Number, r => Href(r.Number)),
                Column<PartyRow>.Month("Month", r => r.Month),
                Column<PartyRow>.Words("Kind", r => r.Party.Kind.ToString().ToLowerInvariant()),
                Column<PartyRow>.Words("To", r => r.Party.Name),
                InvoiceRows.Status<PartyRow>(r => PaymentStatuses.Of(r.Status, r.Open, r.Due, today)),
                Column<PartyRow>.Amount("Amount", r => r.Total),
                Column<PartyRow>.Amount("Owed", r => r.Owed),
                Column<PartyRow>.Amount("Paid", r => r.Paid),
                Column<PartyRow>.Amount("Credited", r => r.Credited),
                Column<PartyRow>.Amount("Balance due", r => r.Status == "issued" ? r.Open : Money.Zero),
                Column<PartyRow>.Day("Due", r => r.Due),
            ], "No invoice went to an institution, payer or group yet. Closing a month issues them.")
        {
            Act = new("Billing periods", "/finance"),
        };
        var open = rows.Where(r => r.Status == "issued").ToList();
        return listing.Answer(http) ?? Page.Of<PartiesPage, Issued>(
            http, "Institutions and payers", new(rows.Count, Money.Sum(open.Select(r => r.Open)), listing));
    }

    private static async Task<IResult> One(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        await Find(view, number, ct) is { } row ? await Draw(http, exchange, row, Form.Empty, ct) : new NotThere();

    private static async Task<IResult> Pdf(View view, Composition exchange, string number, CancellationToken ct) =>
        await Find(view, number, ct) is null ? new NotThere() : Results.File(
            await KeepPartyDocuments.Pdf(exchange.Sources, number, exchange.Clock.GetCurrentInstant(), ct),
            "application/pdf", $"{number}.pdf");

    private static async Task<IResult> Note(
        View view, Composition exchange, string number, string note, CancellationToken ct) =>
        await Find(view, number, ct) is not null &&
        await exchange.Journal.State(PartyInvoice.Fold, number, ct) is PartyInvoice.Issued issued &&
        issued.Credits.ContainsKey(note)
            ? Results.File(
                await PdfOfNumber.Run(exchange.Sources, note, exchange.Clock.GetCurrentInstant(), ct),
                "application/pdf", $"{note}.pdf")
            : new NotThere();

    private static Task<IResult> Pay(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        Move(http, view, exchange, number, ("reference", "amount"), (reference, amount) =>
            new PayInvoice(exchange.Database, number, reference, amount), ct);

    private static Task<IResult> Refund(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct) =>
        Move(http, view, exchange, number, ("back_reference", "back"), (reference, amount) =>
            new RefundInvoice(exchange.Database, number, reference, amount), ct);

    private static async Task<IResult> Move(
        HttpContext http, View view, Composition exchange, string number,
        (string Reference, string Amount) fields, Func<string, Money, ICommand<bool>> move, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var reference = form.Line(fields.Reference, "The reference", 100);
        var amount = form.Amount(fields.Amount, "The amount");
        return await Act(http, view, exchange, number, form, new Asked<bool>(
            () => move(reference, amount!.Value),
            refusal => refusal.Code == "invoice/payment-differs" ? fields.Reference : fields.Amount), ct);
    }

    private static async Task<IResult> Credit(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var reason = form.Line("reason", "The reason", 500);
        if (form.Typed("do") == "write-off")
        {
            return await Act(http, view, exchange, number, form, new Asked<Money>(
                () => new WriteOffInvoice(exchange.Database, number, null, reason), _ => "credit"), ct);
        }

        var amount = form.Amount("credit", "The credit");
        return await Act(http, view, exchange, number, form, new Asked<(string Number, Money Amount)>(
            () => new CreditInvoice(exchange.Database, number, amount, reason), _ => "credit"), ct);
    }

    private static async Task<IResult> Void(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        if (await Find(view, number, ct) is null)
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var act = form.Typed("do");
        if (act != "again")
        {
            var because = form.Line("because", "The reason", 500);
            if (form.Typed("confirm").Trim() != number)
            {
                form.Wrong("confirm", $"Type {number} to void it.");
            }

            if (form.IsRight && await exchange.Commands.Try(
                new VoidInvoice(exchange.Sources, number, because), http, ct) is { } refusal)
            {
                form.Wrong("because", refusal.Message);
            }
        }

        if (act is "reissue" or "again")
        {
            await ReissueForm.Issue(http, exchange, number, isHalf: act == "reissue", form, ct);
        }

        if (form.IsRight)
        {
            return Results.Redirect(Href(number));
        }

        await using var fresh = View.Of(http); // What was done of it is shown.
        return await Find(fresh, number, ct) is { } row ? await Draw(http, exchange, row, form, ct) : new NotThere();
    }

    /// <summary>What is asked, once the form is right, and beside which field a refusal of it stands.</summary>
    private sealed record Asked<TResult>(Func<ICommand<TResult>> Command, Func<Refusal, string> Field);

    private static async Task<IResult> Act<TResult>(
        HttpContext http, View view, Composition exchange, string number, Form form, Asked<TResult> asked,
        CancellationToken ct)
    {
        if (await Find(view, number, ct) is not { } row)
        {
            return new NotThere();
        }

        if (form.IsRight)
        {
            if (await exchange.Commands.Try(asked.Command(), http, ct) is not { } refusal)
            {
                return Results.Redirect(Href(number));
            }

            form.Wrong(asked.Field(refusal), refusal.Message);
        }

        return await Draw(http, exchange, row, form, ct);
    }

    private static async Task<PartyRow?> Find(View view, string number, CancellationToken ct) =>
        await PartyList.Find(await view.Connection(ct), number, ct);

    internal static string Href(string number) => $"/finance/parties/{Uri.EscapeDataString(number)}";

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, PartyRow row, Form form, CancellationToken ct)
    {
        var invoice = await exchange.Journal.State(PartyInvoice.Fold, row.Number, ct);
        var document = PartyDocument.Of(invoice, Issuer.Lines);
        var edition = await ETag.Of(exchange, [PartyInvoice.Fold.StreamOf(row.Number)], ct);
        return Page.Of<PartyPage, Bill>(
            http, document.Title, new(
                document, Href(row.Number), PaymentStatuses.Of(
                    row.Status, row.Open, row.Due, exchange.Clock.GetCurrentInstant().InUtc().Date),
                invoice as PartyInvoice.Issued, edition.Version)
            {
                IsReissuable = invoice is PartyInvoice.Voided { ReplacedBy: null },
            }, form);
    }
}
