using Exchange.Invoicing.Payouts;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/payouts — what landlords and owners of hardware earned and were paid, their statements, and payouts.
/// </summary>
public sealed partial class PayoutsPage
{
    /// <summary>Who earned and was paid what.</summary>
    public sealed record Payees(Money Open, int Count, IListing Rows);

    /// <summary>One payee, and what a payout may be for.</summary>
    public sealed record Earner(PayeeRow Sums, string Href, IListing Statements, ITable Payouts)
    {
        public required IReadOnlyList<(string Value, string Text)> Months { get; init; }
    }

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
            Foot = Table.Foot("Total", 2, Money.Sum(rows.Select(r => r.Earned)),
                Money.Sum(rows.Select(r => r.PaidOut)), Money.Sum(rows.Select(r => r.Open))),
        };
        return listing.Answer(http) ?? Page.Of<PayoutsPage, Payees>(
            http, "Provider payouts", new(Money.Sum(rows.Select(r => r.Open)), rows.Count, listing));
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
        var listing = StatementsPage.List(statements, one => $"{Href(payee)}/{one.Month}");
        return listing.Answer(http) ?? Page.Of<PayeePage, Earner>(
            http, $"Payouts to {payee.Name}", new(row, Href(payee), listing, Payouts(paid))
            {
                Months =
                [
                    ("", "several"), .. statements.Select(
                        one => ($"{one.Month}", $"{Show.Of(one.Month)}, {Show.Of(one.Total)}, {one.State}")),
                ],
            }, form);
    }

    private static TableOf<PayeeEvent.PaidOut> Payouts(IReadOnlyCollection<PayeeEvent.PaidOut> paid) => new(
        "Payouts", paid,
        [
            Column<PayeeEvent.PaidOut>.Words("Reference", p => p.Reference),
            Column<PayeeEvent.PaidOut>.Day("Value date", p => p.ValueDate),
            Column<PayeeEvent.PaidOut>.Words("Statement", p => p.Month?.ToString() ?? ""),
            Column<PayeeEvent.PaidOut>.Amount("Amount", p => p.Amount),
        ], "Nothing was paid out yet.");
}
