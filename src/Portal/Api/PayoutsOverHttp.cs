using Exchange.Invoicing.Payouts;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/payouts — what landlords and owners of hardware earned and were paid, for finance's programs.</summary>
internal static class PayoutsOverHttp
{
    private const string Statement = "/v1/payouts/{payee}/{month}";

    private const string Example = """
        {"payee":"landlord:nerc","reference":"out-10","amount":"1.00 USD","month":"2026-10","date":"2026-11-05"}
        """;

    private const string Agreed = """{"because":"It adds up."}""";
    private const string Word = """{"line":1,"because":"Nine hours of it were out."}""";

    /// <param name="Line">Its number on the statement; the whole statement, without it.</param>
    internal sealed record WordOnStatement(int? Line, string? Because);

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
        app.MapPost($"{Statement}/accept", (HttpContext http, Composition all, PayeeName payee, BillingMonth month) =>
            Say(http, all, (payee, month), "accept", (of, said) => Payee.Accept(of, month, said.By, said.Now)))
            .FinanceAct<WordOnStatement, PayeeStatement>(
                "AcceptStatement", "Records that a payee accepts a statement.", Agreed);
        app.MapPost($"{Statement}/dispute", (HttpContext http, Composition all, PayeeName payee, BillingMonth month) =>
            Say(http, all, (payee, month), "dispute", (of, said) =>
                Payee.Dispute(of, month, said.Line, said.Because, said.By, said.Now)))
            .FinanceAct<WordOnStatement, PayeeStatement>(
                "DisputeStatement", "Records that a payee disputes a statement, or a line of it.", Word);
        app.MapPost($"{Statement}/resolve", (HttpContext http, Composition all, PayeeName payee, BillingMonth month) =>
            Say(http, all, (payee, month), "resolve", (of, said) =>
                Payee.Resolve(of, month, said.Line, said.Because, said.By, said.Now)))
            .FinanceAct<WordOnStatement, PayeeStatement>(
                "ResolveDispute", "Records what came of a dispute of a statement.", Word);
    }

    private sealed record Said(int Line, string Because, string By, Instant Now);

    private static async Task<IResult> List(View view, string? cursor, int? limit, CancellationToken ct) =>
        new Tagged(PageOf<PayeeRow>.Cut(
            await PayeeList.Run(await view.Connection(ct), ct), cursor, limit, row => row.Payee.ToString()));

    private static async Task<IResult> One(
        Composition exchange, PayeeName payee, BillingMonth month, CancellationToken ct) =>
        (await PayeeStatements.Of(exchange.Sources, payee, ct))
            .FirstOrDefault(one => one.Month == month) is { } statement
            ? new Tagged(statement)
            : new NotThere();

    private static async Task<IResult> Say(
        HttpContext http, Composition exchange, (PayeeName Payee, BillingMonth Month) of, string act,
        Func<Payee, Said, Decision<PayeeEvent>> rule)
    {
        var ct = http.RequestAborted;
        if ((await PayeeStatements.Of(exchange.Sources, of.Payee, ct)).FirstOrDefault(one => one.Month == of.Month)
            is not { } statement)
        {
            return new NotThere();
        }

        if (await Body.Read<WordOnStatement>(http, ct) is not { Line: null or >= 0 } asked ||
            (act != "accept" && asked.Because is null))
        {
            return FinanceRoute.Malformed(act == "accept" ? Agreed : Word);
        }

        var by = Viewer.Needed(http).Actor;
        return await FinanceRoute.Act(
            http, exchange, new AnswerStatement(statement, $"{act} statement", (payee, now) => rule(
                payee, new(asked.Line ?? 0, asked.Because ?? "", by, now))),
            state => statement with { State = state }, ct);
    }

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
