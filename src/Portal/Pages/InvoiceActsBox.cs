using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /invoices/NUMBER/corrections — finance bears a part of an invoice by a credit note, or takes it back whole.
/// </summary>
internal static class InvoiceActsBox
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/invoices/{number}/corrections", Post)
        .RequireAuthorization(Permissions.CorrectInvoices).ChecksForm().Edits(InvoicePage.Streams)
            .ExcludeFromDescription();

    /// <summary>The forms, below an invoice that can still be corrected.</summary>
    public static Html Of(HttpContext http, InvoiceRow row, Form form, ETag edition) => Html.If(
        Viewer.Needed(http).Role == Role.Finance && row.Status is "issued" or "paid", () => Html.Of($"""
            <h2>Correct it</h2>
            <p class="lead">An issued invoice is never changed. A credit note bears a part of it; a void one is billed
            again by the next close, as adjustments, or at once under a new number.</p>
            {Form.Post(http, $"{InvoiceRows.Href(row.Number!)}/corrections", Html.Of($"""
            {edition.Hidden}{form.Input("credit", "Credit", "What the exchange bears; not needed to " +
                "void.", longest: 30)}
            {form.Input("because", "Reason", "Stands on the document.", longest: 500)}
            {form.Input("confirm", "Confirm", $"To void it, type {row.Number}.", longest: 40)}
            <p><button class="main" name="do" value="credit">Issue a credit note</button>
            <button name="do" value="void">Void the invoice</button>
            <button name="do" value="reissue">Void and reissue</button>
            {Html.If(row.BalanceDue > Money.Zero, () => Html.Of($"""
            <button name="do" value="write-off">Write off balance due</button>
            """))}</p>
            """))}
            """));

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        if (await InvoiceFiles.Find(view, exchange.Journal, number, ct) is not var (row, invoice))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var voids = form.Typed("do") is "void" or "reissue";
        var because = form.Line("because", "The reason", 500);
        var writesOff = form.Typed("do") == "write-off";
        var amount = voids || writesOff ? null : form.Amount("credit", "The credit");
        if (voids && form.Typed("confirm").Trim() != number)
        {
            form.Wrong("confirm", $"Type {number} to void it.");
        }

        if (form.IsRight)
        {
            if (await Do(http, exchange, form.Typed("do"), (number, amount, because), ct) is not { } refusal)
            {
                return Results.Redirect(InvoiceRows.Href(number));
            }

            form.Wrong(voids ? "confirm" : "credit", refusal.Message);
        }

        return await InvoicePage.Draw(http, view, exchange, row, invoice, form, ct);
    }

    private static async Task<Refusal?> Do(
        HttpContext http, Composition exchange, string act, (string Number, Money? Credit, string Because) of,
        CancellationToken ct)
    {
        var (commands, (number, credit, because)) = (exchange.Commands, of);
        return act switch
        {
            "write-off" => await commands.Try(
                new WriteOffInvoice(exchange.Database, number, null, because), http, ct),
            "void" => await commands.Try(new VoidInvoice(exchange.Sources, number, because), http, ct),
            "reissue" => await commands.Try(new VoidInvoice(exchange.Sources, number, because), http, ct) ??
                await commands.Try(new ReissueInvoice(exchange.Sources, number), http, ct),
            _ => await commands.Try(new CreditInvoice(exchange.Database, number, credit, because), http, ct),
        };
    }
}
