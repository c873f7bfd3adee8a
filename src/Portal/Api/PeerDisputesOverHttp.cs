using Exchange.Journal;
using Exchange.Market.Peers;
using Exchange.Portal.Peers;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/peers/PEER/disputes — lines of statements that either exchange disputes, for finance's programs: they dispute
/// one, withdraw it, and answer those of the other.
/// </summary>
internal static class PeerDisputesOverHttp
{
    private const string Path = "/v1/peers/{peer}/disputes";

    private const string Example = """
        {"month":"2026-10","project":"p-ada","line":"stack OpenStack CPU","because":"An hour is missing here."}
        """;

    private const string Word = """{"because":"The hour came late."}""";

    /// <param name="Line">As 'GetPeerDifferences' names it.</param>
    internal sealed record LineToDispute(BillingMonth? Month, ProjectId? Project, string? Line, string? Because);

    internal sealed record WordOnDispute(string? Because);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, List).Finance<PageOf<DisputeRow>>(
            "GetPeerDisputes", "Lines of statements that either exchange disputes, and what became of that.");
        app.MapPost(Path, Dispute).FinanceAct<LineToDispute, DisputeRow>(
            "DisputePeerLine", "Disputes a line of another exchange's statement; it is told with the next statements.",
            Example);
        app.MapPost($"{Path}/{{number}}/withdraw", (HttpContext http, Composition exchange, string peer, long number) =>
            Say(http, exchange, peer, (number, true), PeersFor.Withdraw)).FinanceAct<WordOnDispute, DisputeRow>(
            "WithdrawPeerDispute", "Says that a dispute of this exchange is over.", Word);
        app.MapPost($"{Path}/{{number}}/answer", (HttpContext http, Composition exchange, string peer, long number) =>
            Say(http, exchange, peer, (number, false), PeersFor.Answer)).FinanceAct<WordOnDispute, DisputeRow>(
            "AnswerPeerDispute", "Says what came of another exchange's dispute, so that its month can be settled.",
            Word);
    }

    private static async Task<IResult> List(
        Composition exchange, string peer, string? cursor, int? limit, CancellationToken ct) =>
        await PeersFor.Find(exchange, peer, ct) is { } known
            ? new Tagged(PageOf<DisputeRow>.Cut(
                PeersFor.Disputes(known), cursor, limit, row => $"{row.Month} {row.Number:000000} {row.IsOurs}"))
            : new NotThere();

    private static async Task<IResult> Dispute(
        HttpContext http, Composition exchange, string peer, CancellationToken ct)
    {
        if (await PeersFor.Find(exchange, peer, ct) is null)
        {
            return new NotThere();
        }

        if (await Body.Read<LineToDispute>(http, ct) is not
            { Month: { } month, Project: { } project, Line: { } line, Because: { } because })
        {
            return FinanceRoute.Malformed(Example);
        }

        return await FinanceRoute.Act(async () => PeersFor.Disputes(await PeersFor.Dispute(
            exchange, peer, new(month, project, line, because), FinanceRoute.Actor(http), ct)).Last(row =>
                row.IsOurs && row.Month == month && row.Project == project && row.What == line));
    }

    private static async Task<IResult> Say(
        HttpContext http, Composition exchange, string peer, (long Number, bool IsOurs) of,
        Func<Composition, string, long, string, Actor, CancellationToken, Task<Peer>> act)
    {
        var ct = http.RequestAborted;
        if (await PeersFor.Find(exchange, peer, ct) is null)
        {
            return new NotThere();
        }

        return await Body.Read<WordOnDispute>(http, ct) is { Because: { } because }
            ? await FinanceRoute.Act(async () =>
                PeersFor.Disputes(await act(exchange, peer, of.Number, because, FinanceRoute.Actor(http), ct))
                    .Single(row => (row.Number, row.IsOurs) == of))
            : FinanceRoute.Malformed(Word);
    }
}
