using Exchange.Invoicing.Payouts;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/payouts — what landlords and owners of hardware earned and were paid, their statements, and payouts.
/// </summary>
internal static class PayoutsPage
{
    public const string Path = "/finance/payouts";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapGet($"{Path}/{{payee}}", One).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapPost($"{Path}/{{payee}}", Pay).RequireAuthorization(Permissions.NotePayments).ChecksForm().Makes()
            .ExcludeFromDescription();
        StatementsPage.Map(app);
    }

    public static string Href(PayeeName payee) => $"{Path}/{Uri.EscapeDataString(payee.ToString())}";

    private static async Task<IResult> Get(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var rows = await PayeeList.Run(await view.Connection(ct), ct);
        var listing = new Listing<PayeeRow>("payouts", "Provider payouts", rows,
        [
            Column<PayeeRow>.Link("Payee", r => r.Payee.Name, r => Href(r.Payee)),
            Column<PayeeRow>.Words("Kind", r => r.Payee.Kind == "hardware" ? "hardware owner" : r.Payee.Kind),
            Column<PayeeRow>.Amount("Earned", r => r.Earned),
            Column<PayeeRow>.Amount("Paid out", r => r.PaidOut),
            Column<PayeeRow>.Amount("Open", r => r.Open),
        ], "Nobody earned anything yet. Closing a month settles with landlords and hardware owners.")
        {
            Foot = Table.Foot("Total", 2, Html.Of($"{Show.Of(Money.Sum(rows.Select(r => r.Earned)))}"),
                Html.Of($"{Show.Of(Money.Sum(rows.Select(r => r.PaidOut)))}"),
                Html.Of($"{Show.Of(Money.Sum(rows.Select(r => r.Open)))}")),
        };
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Provider payouts", Html.Of($"""
            <p class="crumbs"><a href="/finance">Billing periods</a></p>
            {Card.Row(Card.Of("Open", Show.Of(Money.Sum(rows.Select(r => r.Open)))),
                Card.Of("Payees", Show.Of((long)rows.Count)))}
            {listing.Of(http)}
            """));
    }

    private static Task<IResult> One(
        HttpContext http, View view, Composition exchange, PayeeName payee, CancellationToken ct) =>
        Draw(http, view, exchange, payee, Form.Empty, ct);

    private static async Task<IResult> Pay(
        HttpContext http, View view, Composition exchange, PayeeName payee, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var reference = form.Line("reference", "The reference", 100);
        var amount = form.Amount("amount", "The amount");
        var date = FormDay.Optional(form, "date", "The value date");
        var month = form.Typed("month").Trim().Length == 0
            ? null : form.Value<BillingMonth>("month", "The statement");
        if (form.IsRight)
        {
            if (await exchange.Commands.Try(
                new RecordPayout(exchange.Database, exchange.Journal, payee, reference, amount!.Value, date, month),
                http, ct)
                is not { } refusal)
            {
                return Results.Redirect(Href(payee));
            }

            form.Wrong(refusal.Code == "payout/differs" ? "reference" : "amount", refusal.Message);
        }

        return await Draw(http, view, exchange, payee, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, PayeeName payee, Form form, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var rows = await PayeeList.Run(await view.Connection(ct), ct);
        if (rows.FirstOrDefault(one => one.Payee == payee) is not { } row)
        {
            return new NotThere();
        }

        var statements = await PayeeStatements.Of(exchange.Sources, payee, ct);
        var paid = (await exchange.Journal.State(Payee.Fold, payee, ct)).Paid.Values.ToList();
        return Layout.Page(http, $"Payouts to {payee.Name}", Html.Of($"""
            <p class="crumbs"><a href="{Path}">Provider payouts</a></p>
            {form.Summary()}
            {Card.Row(Card.Of("Earned", Show.Of(row.Earned)), Card.Of("Paid out", Show.Of(row.PaidOut)),
                Card.Of("Open", Show.Of(row.Open)))}
            {StatementsPage.List(statements, one => $"{Href(payee)}/{one.Month}").Of(http)}
            {Table.Of("Payouts", paid, [
                Column<PayeeEvent.PaidOut>.Words("Reference", p => p.Reference),
                Column<PayeeEvent.PaidOut>.Day("Value date", p => p.ValueDate),
                Column<PayeeEvent.PaidOut>.Words("Statement", p => p.Month?.ToString() ?? ""),
                Column<PayeeEvent.PaidOut>.Amount("Amount", p => p.Amount)], "Nothing was paid out yet.")}
            <h2>Record payout</h2>
            {Form.Post(http, Href(payee), Html.Of($"""
            {form.Input("reference", "Reference", "As the bank gives it; the same reference counts once.",
                longest: 100)}
            {form.Input("amount", "Amount", $"{Show.Of(row.Open)} is open.", longest: 30)}
            {form.Input("date", "Value date", "Today when left empty.", "date")}
            {form.Choice("month", "Statement", [("", "several"), .. statements.Select(
                one => ($"{one.Month}", $"{Show.Of(one.Month)}, {Show.Of(one.Total)}, {one.State}"))], "")}
            <p><button class="main">Record payout</button></p>
            """))}
            """), form.Status);
    }
}
