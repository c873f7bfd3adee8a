using Exchange.Invoicing;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/invoices/NUMBER/refunds — finance notes money that went back to a PI.</summary>
public sealed partial class InvoiceRefundBox
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/invoices/{number}/refunds", Post)
        .RequireAuthorization(Permissions.NotePayments).ChecksForm().Edits(InvoicePage.Streams)
            .ExcludeFromDescription();

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, string number, CancellationToken ct)
    {
        if (await InvoiceFiles.Find(view, exchange.Journal, number, ct) is not var (row, invoice))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var reference = form.Line("back_reference", "The reference", 100);
        var amount = form.Amount("back", "The amount");
        if (form.IsRight)
        {
            var refusal = await exchange.Commands.Try(
                new RefundInvoice(exchange.Database, number, reference, amount!.Value), http, ct);
            if (refusal is null)
            {
                return Results.Redirect(InvoiceRows.Href(number));
            }

            form.Wrong(refusal.Code == "invoice/payment-differs" ? "back_reference" : "back", refusal.Message);
        }

        return await InvoicePage.Draw(http, view, exchange, row, invoice, form, ct);
    }
}
