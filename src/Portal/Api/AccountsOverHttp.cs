using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/accounts and /v1/payments — who owes what, statements, and money that came, for finance's programs.
/// </summary>
internal static class AccountsOverHttp
{
    private const string PaymentExample = """
        {"account":"pi:ben@mit.edu","reference":"wire-17","amount":"3000.00 USD","date":"2026-11-03",
         "invoices":[{"number":"PI-2026-0002"}]}
        """;

    private const string RefundExample =
        """{"reference":"back-3","amount":"0.50 USD","date":"2026-11-04"}""";

    private const string WriteOffExample = """{"number":"IN-2026-0002","reason":"the group has left"}""";

    /// <summary>A statement with what is open now.</summary>
    internal sealed record WholeAccount(AccountStatement Statement, Money Closing, IReadOnlyList<OpenInvoice> Open);

    internal sealed record PaidInvoice(string? Number, Money? Amount);

    internal sealed record Payment(
        AccountName? Account, string? Reference, Money? Amount, LocalDate? Date, IReadOnlyList<PaidInvoice>? Invoices);

    internal sealed record Refund(string? Reference, Money? Amount, LocalDate? Date);

    internal sealed record WriteOff(string? Number, Money? Amount, string? Reason);

    internal sealed record WrittenOff(string Number, Money Amount);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/accounts", List).Finance<PageOf<AccountRow>>(
            "GetAccounts", "What PIs, institutions and payers owe and have sent.");
        app.MapGet("/v1/accounts/{account}", One).Finance<WholeAccount>(
            "GetAccount", "The statement of an account, and what is open on it.");
        app.MapGet(
            "/v1/accounts/{account}/statement.pdf",
            (View view, IClock clock, AccountName account, DateOnly? from, DateOnly? until, CancellationToken ct) =>
                As(view, clock, account, (from, until), StatementFiles.Pdf, ct))
            .FinanceFile("GetStatementPdf", "The statement as PDF.", "application/pdf");
        app.MapGet(
            "/v1/accounts/{account}/statement.csv",
            (View view, IClock clock, AccountName account, DateOnly? from, DateOnly? until, CancellationToken ct) =>
                As(view, clock, account, (from, until), StatementFiles.Csv, ct))
            .FinanceFile("GetStatementCsv", "The statement as CSV.", "text/csv");
        app.MapPost("/v1/payments", Pay).FinanceAct<Payment, PaymentRecorded>(
            "RecordPayment", "Records money that came; the same reference counts once.", PaymentExample);
        app.MapPost("/v1/accounts/{account}/refunds", Back).FinanceAct<Refund, IReadOnlyList<CreditUsed>>(
            "RefundCredit", "Records credit that was paid out.", RefundExample);
        app.MapPost("/v1/write-offs", Bear).FinanceAct<WriteOff, WrittenOff>(
            "WriteOffInvoice", "Bears what is open on an invoice and will not be paid.", WriteOffExample);
    }

    private static async Task<IResult> List(View view, string? cursor, int? limit, CancellationToken ct) =>
        new Tagged(PageOf<AccountRow>.Cut(
            await AccountList.Run(await view.Connection(ct), ct), cursor, limit, row => row.Account.ToString()));

    private static Task<IResult> One(
        View view, IClock clock, AccountName account, DateOnly? from, DateOnly? until, CancellationToken ct) => With(
            view, clock, account, (from, until), async statement => new Tagged(new WholeAccount(
                statement, statement.Closing, await OpenInvoices.Run(await view.Connection(ct), account, ct))), ct);

    private static Task<IResult> As(
        View view, IClock clock, AccountName account, (DateOnly?, DateOnly?) days,
        Func<AccountStatement, IResult> file, CancellationToken ct) =>
        With(view, clock, account, days, statement => Task.FromResult(file(statement)), ct);

    private static async Task<IResult> With(
        View view, IClock clock, AccountName account, (DateOnly?, DateOnly?) days,
        Func<AccountStatement, Task<IResult>> answer, CancellationToken ct) =>
        await ShownAccount.IsKnown(view, account, ct)
            ? await answer(await ShownAccount.Read(view, clock, account, days, ct))
            : new NotThere();

    private static async Task<IResult> Pay(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<Payment>(http, ct) is not { Account: { } account, Reference: { } reference, Amount: { } amount }
            asked || asked.Invoices?.Any(one => one.Number is null) == true
            ? FinanceRoute.Malformed(PaymentExample)
            : await FinanceRoute.Act(http, exchange, new RecordPayment(exchange.Database, new(
                account, reference, amount, asked.Date,
                [.. (asked.Invoices ?? []).Select(one => new InvoiceToPay(one.Number!, one.Amount))])),
                done => done, ct);

    private static async Task<IResult> Back(
        HttpContext http, Composition exchange, AccountName account, CancellationToken ct) =>
        await Body.Read<Refund>(http, ct) is not { Reference: { } reference, Amount: { } amount } asked
            ? FinanceRoute.Malformed(RefundExample)
            : await FinanceRoute.Act(
                http, exchange, new RefundCredit(exchange.Database, account, reference, amount, asked.Date),
                done => done, ct);

    private static async Task<IResult> Bear(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<WriteOff>(http, ct) is not { Number: { } number, Reason: { } reason } asked
            ? FinanceRoute.Malformed(WriteOffExample)
            : await FinanceRoute.Act(
                http, exchange, new WriteOffInvoice(exchange.Database, number, asked.Amount, reason),
                amount => new WrittenOff(number, amount), ct);
}
