using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /invoices/NUMBER/corrections — finance bears a part of an invoice by a credit note, or takes it back whole.
/// </summary>
internal static class InvoiceActsBox
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/invoices/{number}/corrections", Post)
        .RequireAuthorization(Acts.CorrectInvoices).ChecksForm().Edits(InvoicePage.Streams).ExcludeFromDescription();

    /// <summary>The forms, below an invoice that can still be corrected.</summary>
    public static Html Of(HttpContext http, InvoiceRow row, Form form, Edition edition) => Html.If(
        Viewer.Needed(http).Role == Role.Finance && row.Status is "issued" or "paid", () => Html.Of($"""
            <h2>Correct it</h2>
            <p class="lead">An issued invoice is never changed. A credit note bears a part of it; a void one is billed
            again by the next close, as adjustments.</p>
            {Form.Post(http, $"{InvoiceRows.Href(row.Number!)}/corrections", Html.Of($"""
            {edition.Hidden}{form.Input("credit", "Credit", "What the exchange bears; not needed to " +
                "void.", longest: 30)}
            {form.Input("because", "Because", "Stands on the document.", longest: 500)}
            {form.Input("confirm", "Confirm", $"To void it, type {row.Number}.", longest: 40)}
            <p><button class="main" name="do" value="credit">Issue a credit note</button>
            <button name="do" value="void">Void the invoice</button></p>
            """))}
            """));

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, IClock clock, string number, CancellationToken ct)
    {
        if (await InvoicePage.Find(view, exchange.Journal, number, ct) is not var (row, invoice))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var voids = form.Typed("do") == "void";
        var because = form.Line("because", "The reason", 500);
        var amount = voids ? null : form.Amount("credit", "The credit");
        if (voids && form.Typed("confirm").Trim() != number)
        {
            form.Wrong("confirm", $"Type {number} to void it.");
        }

        if (form.IsRight)
        {
            var refusal = await Act(exchange, number, amount, because, clock.GetCurrentInstant(), ct);
            await exchange.Audit.Note(
                Viewer.Needed(http).Actor, voids ? "void invoice" : "credit invoice", $"{number} {amount} {because}",
                refusal?.Code ?? "done", Gate.Origin(http), ct);
            if (refusal is null)
            {
                await exchange.Projections.CatchUp(ct);
                return Results.Redirect(InvoiceRows.Href(number));
            }

            form.Wrong(voids ? "confirm" : "credit", refusal.Message);
        }

        return await InvoicePage.Draw(http, view, exchange, row, invoice, form, ct);
    }

    /// <param name="amount">What is credited; null to void.</param>
    private static async Task<Refusal?> Act(
        Composition exchange, string number, Money? amount, string because, Instant now, CancellationToken ct)
    {
        try
        {
            await exchange.Projections.CatchUp(ct);
            _ = amount is { } credit
                ? (object)await CreditInvoice.Run(exchange.Sources, number, credit, because, now, ct)
                : await VoidInvoice.Run(exchange.Sources, number, because, now, ct);
            return null;
        }
        catch (RefusedException e)
        {
            return e.Refusal;
        }
        catch (ConflictException)
        {
            return new("invoice/changed", "Someone else changed the invoice at this moment. Look at it again.");
        }
    }
}
