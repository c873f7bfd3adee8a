using Exchange.Market.Commands;
using Exchange.Market.Mandates;
using Exchange.Portal.Names;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// POST /v1/mandates and /v1/mandates/withdraw — notes, for finance's programs, that a PI lets an intermediary act in
/// their name, or does no longer.
/// </summary>
internal static class MandateActsOverHttp
{
    private const string ToGive = """{"pi":"ada@bu.edu","landlord":"nerc"}""";

    /// <param name="From">From when on; now, without it.</param>
    internal sealed record MandateToGive(PiId? Pi, LandlordId? Landlord, Instant? From);

    internal sealed record MandateToWithdraw(PiId? Pi, LandlordId? Landlord);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/mandates", Give).FinanceAct<MandateToGive, MandateRow>(
            "GiveMandate", "Lets a landlord ask for quotes and order in a PI's name.", ToGive);
        app.MapPost("/v1/mandates/withdraw", Withdraw).FinanceAct<MandateToWithdraw, MandateRow>(
            "WithdrawMandate", "Takes that back; what was ordered until then stays.", ToGive);
    }

    private static async Task<IResult> Give(HttpContext http, View view, Composition exchange, CancellationToken ct) =>
        await Body.Read<MandateToGive>(http, ct) is { Pi: { } pi, Landlord: { } landlord } asked
            ? await Change(http, view, exchange, (pi, landlord, "give mandate"), (book, now) => MandateBook.Give(
                book, pi, landlord, asked.From ?? now, FinanceRoute.Actor(http).Name, now), ct)
            : FinanceRoute.Malformed(ToGive);

    private static async Task<IResult> Withdraw(
        HttpContext http, View view, Composition exchange, CancellationToken ct) =>
        await Body.Read<MandateToWithdraw>(http, ct) is { Pi: { } pi, Landlord: { } landlord }
            ? await Change(http, view, exchange, (pi, landlord, "withdraw mandate"), (book, now) =>
                MandateBook.Withdraw(book, pi, landlord, FinanceRoute.Actor(http).Name, now), ct)
            : FinanceRoute.Malformed(ToGive);

    private static async Task<IResult> Change(
        HttpContext http, View view, Composition exchange, (PiId Pi, LandlordId Landlord, string Act) of,
        Func<MandateBook, Instant, Decision<MandateEvent>> rule, CancellationToken ct) =>
        await FinanceRoute.Act(async () =>
        {
            var names = new KnownNames(exchange, Viewer.Needed(http), view);
            await names.Check(NameKind.Pi, of.Pi.Value, "pi", ct);
            await names.Check(NameKind.Landlord, of.Landlord.Value, "landlord", ct);
            await view.DisposeAsync();

            // The scope of the key is finance's; a PI says it on a page.
            var actor = FinanceRoute.Actor(http) with { May = _ => true };
            var book = await exchange.Commands.Execute(new ChangeMandate(of.Pi, of.Landlord, of.Act, rule), actor, ct);
            var last = book.All.Last(one => one.Pi == of.Pi && one.Intermediary == of.Landlord);
            return new MandateRow(last.Pi, null, last.Intermediary, last.From, last.Until);
        });
}
