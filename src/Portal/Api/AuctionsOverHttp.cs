using System.Text.Json;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/auctions — auctions of nodes by programs: a key of a landlord asks for it, a key of finance opens and clears,
/// and asks and bids for anybody.
/// </summary>
internal static class AuctionsOverHttp
{
    private const string Path = "/v1/auctions";
    private const string ToOpen = """
        {"from":"2027-06-01T00:00:00Z","until":"2027-06-02T00:00:00Z","closesAt":"2027-05-30T12:00:00Z"}
        """;

    private const string ToAsk =
        """{"landlord":"nerc","cluster":"bm","nodes":["N1"],"perHour":"0.65 USD","shape":{"resource_class":"fc430"}}""";

    private const string ToBid = """{"project":"p-ada","nodes":2,"perHour":"0.80 USD"}""";

    /// <summary>When the nodes are used, and until when asks and bids are taken.</summary>
    internal sealed record AuctionToOpen(Instant? From, Instant? Until, Instant? ClosesAt);

    /// <param name="Landlord">A key of a landlord asks for that.</param>
    /// <param name="PerHour">The least for a node and hour.</param>
    /// <param name="Shape">What the price sheet asks of a node, as readings have it.</param>
    internal sealed record AskToMake(
        LandlordId? Landlord, ClusterId? Cluster, IReadOnlyList<string>? Nodes, Money? PerHour, JsonElement? Shape);

    /// <param name="PerHour">The most for a node and hour.</param>
    internal sealed record BidToMake(ProjectId? Project, int? Nodes, Money? PerHour);

    /// <summary>The number of an ask or a bid that was taken: nobody else is told of it.</summary>
    internal sealed record SealedNumber(string Id);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, List).Reads<PageOf<AuctionRow>>(
            "GetAuctions", "Auctions of nodes, those that close last first.");
        app.MapGet($"{Path}/{{id}}", One).Reads<AuctionDetails>(
            "GetAuction", "An auction with the asks of the caller's landlord, and the leases that came of them.");
        app.MapPost(Path, Open).FinanceAct<AuctionToOpen, AuctionRow>(
            "OpenAuction", "Opens an auction of nodes for a time.", ToOpen);
        app.MapPost($"{Path}/{{id}}/asks", Ask).DoneOnce().Makes().Acts(
                "AskInAuction", "Puts nodes of the key's landlord up for a least price; nobody else is told of it.")
            .WithMetadata(new Takes("What is put up.", ["application/json"], [ToAsk], typeof(AskToMake)))
            .Produces<SealedNumber>();
        app.MapPost($"{Path}/{{id}}/bids", Bid).FinanceAct<BidToMake, SealedNumber>(
            "BidInAuction", "Bids for nodes in the name of a project; nobody else is told of it.", ToBid);
        app.MapPost($"{Path}/{{id}}/withdraw/{{which}}", Withdraw).DoneOnce().Edits(
                http => $"auction {http.Request.RouteValues["id"]} {http.Request.RouteValues["which"]}",
                (http, exchange, ct) => AuctionsFor.Edition(
                    exchange, $"{http.Request.RouteValues["id"]}", $"{http.Request.RouteValues["which"]}",
                    Viewer.Needed(http), ct))
            .Acts("WithdrawFromAuction", "Takes an ask or a bid back, before the auction closes.")
            .Produces<AuctionDetails>().ProducesProblem(412).ProducesProblem(428);
        app.MapPost($"{Path}/{{id}}/clear", Clear).DoneOnce().Edits(
                http => $"auction {http.Request.RouteValues["id"]}",
                (http, exchange, ct) => AuctionsFor.Edition(exchange, $"{http.Request.RouteValues["id"]}", ct))
            .RequireAuthorization(Permissions.BillByKey).Described(
                "ClearAuction", "Clears an auction that has closed: each fill becomes a lease.")
            .Produces<AuctionDetails>().ProducesProblem(412).ProducesProblem(422).ProducesProblem(428);
    }

    private static RouteHandlerBuilder Acts(this RouteHandlerBuilder route, string name, string summary) =>
        route.RequireAuthorization(Permissions.BidByKey).Described(name, summary).ProducesProblem(422);

    private static async Task<IResult> List(Composition exchange, string? cursor, int? limit, CancellationToken ct) =>
        new Tagged(PageOf<AuctionRow>.Cut(await AuctionsFor.Rows(exchange, ct), cursor, limit, row => row.Id));

    private static async Task<IResult> One(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        await AuctionsFor.Find(exchange, Viewer.Needed(http), id, ct) is { } found
            ? new Tagged(found)
            : new NotThere();

    private static async Task<IResult> Open(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<AuctionToOpen>(http, ct) is { From: { } from, Until: { } until, ClosesAt: { } closes } &&
            from < until
            ? await FinanceRoute.Act(async () =>
            {
                var terms = await AuctionsFor.Open(
                    exchange, new(from, until), closes, FinanceRoute.Actor(http), ct);
                return (await AuctionsFor.Find(exchange, Viewer.Needed(http), terms.Id, ct))!.Auction;
            })
            : FinanceRoute.Malformed(ToOpen);

    private static async Task<IResult> Ask(HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var own = Viewer.Needed(http).Landlord;
        if (await Body.Read<AskToMake>(http, ct) is not
            {
                Cluster: { } cluster, Nodes: { Count: > 0 and <= 10_000 } nodes, PerHour: { } least,
            } asked || nodes.Any(node => !Name.IsOne(node)) || (asked.Landlord ?? own) is not { } landlord)
        {
            return FinanceRoute.Malformed(ToAsk);
        }

        return own is { } mine && mine != landlord
            ? new LandlordScope.Refused()
            : await FinanceRoute.Act(async () => new SealedNumber(await AuctionsFor.Ask(
                exchange, id,
                new(
                    "", landlord, cluster, [.. nodes], least,
                    Files.Parsed<Metering.Shape>(asked.Shape?.GetRawText() ?? "{}").ToString()),
                Actor(http), ct)));
    }

    private static async Task<IResult> Bid(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        await Body.Read<BidToMake>(http, ct) is { Project: { } project, Nodes: { } nodes, PerHour: { } most }
            ? await FinanceRoute.Act(async () => new SealedNumber(await AuctionsFor.Bid(
                exchange, id, new("", project, nodes, most), Viewer.Needed(http), Actor(http), ct)))
            : FinanceRoute.Malformed(ToBid);

    private static Task<IResult> Withdraw(
        HttpContext http, Composition exchange, string id, string which, CancellationToken ct) =>
        Said(http, exchange, id, () => AuctionsFor.Withdraw(
            exchange, id, which, Viewer.Needed(http), Actor(http), ct));

    private static Task<IResult> Clear(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        Said(http, exchange, id, () => AuctionsFor.Clear(exchange, id, FinanceRoute.Actor(http), ct));

    private static async Task<IResult> Said(HttpContext http, Composition exchange, string id, Func<Task> act)
    {
        var viewer = Viewer.Needed(http);
        return await AuctionsFor.Find(exchange, viewer, id, http.RequestAborted) is null
            ? new NotThere()
            : await FinanceRoute.Act(async () =>
            {
                await act();
                return (await AuctionsFor.Find(exchange, viewer, id, http.RequestAborted))!;
            });
    }

    /// <summary>The route asks for the scope of the key, and whose ask or bid it is for the rest.</summary>
    private static Actor Actor(HttpContext http) => Actors.Of(http) with { May = _ => true };
}
