using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Api;

/// <summary>/v1/voids, /v1/credit-notes, /v1/refunds — what finance's programs do to invoices, and to credit.</summary>
internal static class InvoiceActsOverHttp
{
    private const string VoidExample =
        """{"number":"IN-2026-0001","reason":"sent to the wrong office","reissue":true}""";

    private const string CreditExample = """{"number":"PI-2026-0002","amount":"0.10 USD","reason":"an outage"}""";

    private const string RefundExample = """{"number":"PI-2026-0002","reference":"back-4","amount":"0.10 USD"}""";

    private const string ApplyExample = """{"invoices":["PI-2026-0002"]}""";

    private const string KeepExample = """{"keep":true}""";

    internal sealed record InvoiceToVoid(string? Number, string? Reason, bool? Reissue);

    /// <param name="IsNew">False when it was void before.</param>
    /// <param name="Reissued">The numbers under which it was issued again.</param>
    internal sealed record VoidedInvoice(string Number, bool IsNew, IReadOnlyList<string> Reissued);

    internal sealed record CreditToGive(string? Number, Money? Amount, string? Reason);

    internal sealed record CreditNote(string Number, string On, Money Amount);

    internal sealed record InvoiceRefund(string? Number, string? Reference, Money? Amount);

    internal sealed record RefundedInvoice(string Number, string Reference, bool IsNew);

    internal sealed record CreditToApply(IReadOnlyList<string>? Invoices);

    internal sealed record CreditPolicy(bool? Keep);

    internal sealed record CreditKept(AccountName Account, bool Keep, bool IsNew);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/voids", Void).FinanceAct<InvoiceToVoid, VoidedInvoice>(
            "VoidInvoice", "Takes an invoice back, and issues it again at once where that is asked for.", VoidExample);
        app.MapPost("/v1/credit-notes", Credit).FinanceAct<CreditToGive, CreditNote>(
            "CreditInvoice", "Credits a part of an invoice, or all that is not credited yet.", CreditExample);
        app.MapPost("/v1/refunds", Refund).FinanceAct<InvoiceRefund, RefundedInvoice>(
            "RefundInvoice", "Records what went back of an invoice; the same reference counts once.", RefundExample);
        app.MapPost("/v1/accounts/{account}/apply", Apply).FinanceAct<CreditToApply, IReadOnlyList<CreditUsed>>(
            "ApplyCredit",
            "Uses what an account has in its favor for what is open on it, the oldest first where none is named.",
            ApplyExample);
        app.MapPost("/v1/accounts/{account}/keep-credit", Keep).FinanceAct<CreditPolicy, CreditKept>(
            "KeepCredit", "Says whether credit is kept, or used for the next invoice by itself.", KeepExample);
    }

    private static async Task<IResult> Void(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<InvoiceToVoid>(http, ct) is not { Number: { } number, Reason: { } reason } asked
            ? FinanceRoute.Malformed(VoidExample)
            : await FinanceRoute.Act(async () =>
            {
                var actor = FinanceRoute.Actor(http);
                var isNew = await exchange.Commands.Execute(
                    new VoidInvoice(exchange.Sources, number, reason), actor, ct);
                IReadOnlyList<string> again = asked.Reissue == true
                    ? await exchange.Commands.Reissue(exchange.Sources, number, actor, ct)
                    : [];
                return new VoidedInvoice(number, isNew, again);
            });

    private static async Task<IResult> Credit(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<CreditToGive>(http, ct) is not { Number: { } number, Reason: { } reason } asked
            ? FinanceRoute.Malformed(CreditExample)
            : await FinanceRoute.Act(
                http, exchange, new CreditInvoice(exchange.Database, number, asked.Amount, reason),
                note => new CreditNote(note.Number, number, note.Amount), ct);

    private static async Task<IResult> Refund(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<InvoiceRefund>(http, ct) is not
        { Number: { } number, Reference: { } reference, Amount: { } amount }
            ? FinanceRoute.Malformed(RefundExample)
            : await FinanceRoute.Act(
                http, exchange, new RefundInvoice(exchange.Database, number, reference, amount),
                isNew => new RefundedInvoice(number, reference, isNew), ct);

    private static async Task<IResult> Apply(
        HttpContext http, Composition exchange, AccountName account, CancellationToken ct) =>
        await Body.Read<CreditToApply>(http, ct) is not { } asked
            ? FinanceRoute.Malformed(ApplyExample)
            : await FinanceRoute.Act(
                http, exchange, new ApplyCredit(exchange.Database, account, [.. asked.Invoices ?? []]),
                used => used, ct);

    private static async Task<IResult> Keep(
        HttpContext http, Composition exchange, AccountName account, CancellationToken ct) =>
        await Body.Read<CreditPolicy>(http, ct) is not { Keep: { } keep }
            ? FinanceRoute.Malformed(KeepExample)
            : await FinanceRoute.Act(
                http, exchange, new KeepCredit(exchange.Database, account, keep, FinanceRoute.Actor(http).Name),
                isNew => new CreditKept(account, keep, isNew), ct);
}
