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
