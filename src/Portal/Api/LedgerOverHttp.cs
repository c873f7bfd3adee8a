using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;

namespace Exchange.Portal.Api;

/// <summary>/v1/ledger — the general ledger of a month, by period or posting date, for finance's programs.</summary>
internal static class LedgerOverHttp
{
    private const string Example = """{"month":"2026-11"}""";

    internal sealed record MonthToAccrue(BillingMonth? Month);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/ledger/balance", Balance).Finance<PageOf<AccountBalance>>(
            "GetTrialBalance", "The trial balance of a month, by period or posted.");
        app.MapGet("/v1/ledger/entries", Entries).Finance<PageOf<LedgerEntry>>(
            "GetLedgerEntries", "The entries of a month, by period or posted.");
        app.MapPost("/v1/ledger/accruals", Accrue).FinanceAct<MonthToAccrue, AccruedMonth>(
            "AccrueMonth", "Posts what was used in an open month and is not billed yet.", Example);
    }

    private static LedgerView? By(string? by) => by switch
    {
        null or "period" => LedgerView.Period,
        "posted" => LedgerView.Posted,
        _ => null,
    };

    private static IResult Wrong() =>
        Problem.Of(new("request/by", "'by' is 'period' or 'posted'."), StatusCodes.Status400BadRequest);

    private static async Task<IResult> Balance(
        View view, BillingMonth month, string? by, string? cursor, int? limit, CancellationToken ct) =>
        By(by) is { } cut
            ? new Tagged(PageOf<AccountBalance>.Cut(
                await TrialBalance.Of(await view.Connection(ct), cut, month, ct), cursor, limit, row => row.Account))
            : Wrong();

    private static async Task<IResult> Entries(
        View view, BillingMonth month, string? by, string? cursor, int? limit, CancellationToken ct)
    {
        if (By(by) is not { } cut)
        {
            return Wrong();
        }

        var entries = new List<LedgerEntry>();
        await foreach (var entry in LedgerEntries.Run(await view.Connection(ct), cut, month, null, ct))
        {
            entries.Add(entry);
        }

        return new Tagged(PageOf<LedgerEntry>.Cut(entries, cursor, limit, row => row.Id.PadLeft(19, '0')));
    }

    private static async Task<IResult> Accrue(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<MonthToAccrue>(http, ct) is not { Month: { } month }
            ? FinanceRoute.Malformed(Example)
            : await FinanceRoute.Act(
                http, exchange, new AccrueMonth(exchange.Sources, month, Rating.Policies.Corrected), done => done, ct);
}
