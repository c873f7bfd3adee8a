using Exchange.Invoicing.Payouts;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/payouts — what landlords and owners of hardware earned and were paid, for finance's programs.</summary>
internal static class PayoutsOverHttp
{
    private const string Example = """
        {"payee":"landlord:nerc","reference":"out-10","amount":"1.00 USD","month":"2026-10","date":"2026-11-05"}
        """;

    internal sealed record PayoutToRecord(
        PayeeName? Payee, string? Reference, Money? Amount, BillingMonth? Month, LocalDate? Date);

    internal sealed record Recorded(PayeeName Payee, string Reference, bool IsNew);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/payouts", List).Finance<PageOf<PayeeRow>>(
            "GetPayouts", "Payees with what they earned, were paid and are owed.");
        app.MapGet("/v1/payouts/{payee}", One).Finance<PayeeStatement>(
            "GetPayeeStatement", "A payee's statement of a month, line by line.");
        app.MapPost("/v1/payouts", Pay).FinanceAct<PayoutToRecord, Recorded>(
            "RecordPayout", "Records money that went to a payee; the same reference counts once.", Example);
    }

    private static async Task<IResult> List(View view, string? cursor, int? limit, CancellationToken ct) =>
        new Tagged(PageOf<PayeeRow>.Cut(
            await PayeeList.Run(await view.Connection(ct), ct), cursor, limit, row => row.Payee.ToString()));

    private static async Task<IResult> One(
        Composition exchange, PayeeName payee, BillingMonth month, CancellationToken ct) =>
        (await PayeeStatements.Of(exchange.Sources, payee, ct))
            .FirstOrDefault(one => one.Month == month) is { } statement
            ? new Tagged(statement)
            : new NotThere();

    private static async Task<IResult> Pay(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<PayoutToRecord>(http, ct) is not
        { Payee: { } payee, Reference: { } reference, Amount: { } amount } asked
            ? FinanceRoute.Malformed(Example)
            : await FinanceRoute.Act(
                http, exchange,
                new RecordPayout(exchange.Database, exchange.Journal, payee, reference, amount, asked.Date,
                    asked.Month),
                isNew => new Recorded(payee, reference, isNew), ct);
}
