using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/adjustments — what came to months that no close bills by itself, for finance's programs.</summary>
internal static class AdjustmentsOverHttp
{
    private const string AcceptExample = """{"month":"2026-09","seen":"5A0C2D9F31B7E684"}""";

    private const string DeclineExample =
        """{"month":"2026-09","seen":"5A0C2D9F31B7E684","reason":"billed by the former system"}""";

    internal sealed record AdjustmentsToAccept(BillingMonth? Month, string? Seen);

    internal sealed record AdjustmentsToDecline(BillingMonth? Month, string? Seen, string? Reason);

    /// <param name="Amount">Gross, before funds.</param>
    /// <param name="Funds">What funds would pay more of what was billed before; less than nothing where they take
    /// back.</param>
    internal sealed record LateAccount(string Account, int Lines, Money Amount, Money Funds);

    /// <summary>What was decided last of the month; it may have been of something else.</summary>
    internal sealed record LateDecision(
        bool IsBilled, int Accounts, Money Amount, string? Reason, string By, Instant At);

    /// <param name="IsForGood">Whether the month is closed for good; else it is before the first closed.</param>
    /// <param name="Seen">What a decision is of: send it with it.</param>
    /// <param name="IsBilled">Whether the next close bills it; null where nobody decided of exactly this.</param>
    internal sealed record LateAdjustments(
        BillingMonth Month, bool IsForGood, Money Amount, Money Funds, string Seen, bool? IsBilled,
        LateDecision? Decision, ImmutableArray<LateAccount> Accounts)
    {
        public static LateAdjustments Of(LateMonth late) => new(
            late.Month, late.IsForGood, late.Amount, late.Funds, late.Seen, late.IsBilled,
            late.Decision is { } said
                ? new(said.IsBilled, said.Accounts, said.Amount, said.Reason, said.By, said.At)
                : null,
            [.. late.Accounts.Select(of => new LateAccount(of.Account.Name, of.Lines, of.Amount, of.Funds))]);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/adjustments", List).Finance<PageOf<LateAdjustments>>(
            "GetLateAdjustments",
            "What came to months that are closed for good, or were never closed, by account; 'month' has one looked " +
            "at, too, where only what funds would pay may have changed.");
        app.MapPost("/v1/adjustments/accept", Accept).FinanceAct<AdjustmentsToAccept, LateAdjustments>(
            "AcceptLateAdjustments", "Says that the next close bills what came to such a month.", AcceptExample);
        app.MapPost("/v1/adjustments/decline", Decline).FinanceAct<AdjustmentsToDecline, LateAdjustments>(
            "DeclineLateAdjustments", "Leaves such a month as it was billed.", DeclineExample);
    }

    private static async Task<IResult> List(
        Composition exchange, BillingMonth? month, string? cursor, int? limit, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var late = await DecideLate.List(exchange.Sources, exchange.Clock.GetCurrentInstant(), ct, month);
        return new Tagged(PageOf<LateAdjustments>.Cut(
            [.. late.Select(LateAdjustments.Of)], cursor, limit, one => one.Month.ToString()));
    }

    private static async Task<IResult> Accept(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<AdjustmentsToAccept>(http, ct) is not { Month: { } month, Seen: { Length: > 0 } seen }
            ? FinanceRoute.Malformed(AcceptExample)
            : await Decide(http, exchange, month, seen, isBilled: true, null, ct);

    private static async Task<IResult> Decline(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<AdjustmentsToDecline>(http, ct) is not
        { Month: { } month, Seen: { Length: > 0 } seen, Reason: { Length: > 0 and <= 500 } reason }
            ? FinanceRoute.Malformed(DeclineExample)
            : await Decide(http, exchange, month, seen, isBilled: false, reason, ct);

    private static async Task<IResult> Decide(
        HttpContext http, Composition exchange, BillingMonth month, string seen, bool isBilled, string? reason,
        CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        return await FinanceRoute.Act(
            http, exchange,
            new DecideLate(exchange.Sources, month, isBilled, reason, FinanceRoute.Actor(http).Name, seen),
            LateAdjustments.Of, ct);
    }
}
