using Exchange.Invoicing;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /invoices/NUMBER/corrections — finance bears a part of an invoice by a credit note, or takes it back whole.
/// </summary>
public sealed partial class InvoiceActsBox
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/invoices/{number}/corrections", Post)
        .RequireAuthorization(Permissions.CorrectInvoices).ChecksForm().Edits(InvoicePage.Streams)
            .ExcludeFromDescription();

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        if (await InvoiceFiles.Find(view, exchange.Journal, number, ct) is not var (row, invoice))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var act = form.Typed("do");
        if (act != "again" && !await First(http, exchange, number, act, form, ct))
        {
            return await InvoicePage.Draw(http, view, exchange, row, invoice, form, ct);
        }

        if (act is "reissue" or "again")
        {
            await ReissueForm.Issue(http, exchange, number, isHalf: act == "reissue", form, ct);
        }

        if (form.IsRight)
        {
            return Results.Redirect(InvoiceRows.Href(number));
        }

        await using var fresh = View.Of(http); // What was done of it is shown.
        return await InvoiceFiles.Find(fresh, exchange.Journal, number, ct) is var (left, gone)
            ? await InvoicePage.Draw(http, fresh, exchange, left, gone, form, ct) : new NotThere();
    }

    /// <summary>Bears a part of it, or takes it back.</summary>
    /// <returns>False where the form says what is wrong, and nothing was done.</returns>
    private static async Task<bool> First(
        HttpContext http, Composition exchange, string number, string act, Form form, CancellationToken ct)
    {
        var voids = act is "void" or "reissue";
        var because = form.Line("because", "The reason", 500);
        var amount = voids || act == "write-off" ? null : form.Amount("credit", "The credit");
        if (voids && form.Typed("confirm").Trim() != number)
        {
            form.Wrong("confirm", $"Type {number} to void it.");
        }

        if (form.IsRight && await Do(http, exchange, act, (number, amount, because), ct) is { } refusal)
        {
            form.Wrong(voids ? "confirm" : "credit", refusal.Message);
        }

        return form.IsRight;
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
            "void" or "reissue" => await commands.Try(
                new VoidInvoice(exchange.Sources, number, because), http, ct),
            _ => await commands.Try(new CreditInvoice(exchange.Database, number, credit, because), http, ct),
        };
    }
}
