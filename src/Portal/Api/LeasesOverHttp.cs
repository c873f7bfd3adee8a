using System.Text.Json;
using Exchange.Journal;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/leases — leases of nodes and what both sides say of them. A key of a landlord speaks for it as the lessor; a key
/// of finance says for which side it speaks, as a portal does in which PIs press the buttons.
/// </summary>
internal static class LeasesOverHttp
{
    private const string Path = "/v1/leases";
    private const string Proposal = """
        {"for":"lessor","landlord":"nerc","cluster":"bm","nodes":["N1"],"project":"p-ada","from":"2027-01-01T00:00:00Z",
         "until":"2027-03-01T00:00:00Z","perHour":"0.65","noticeDays":14}
        """;

    /// <param name="For">'lessor' or 'lessee'; a key of a landlord is always the lessor.</param>
    /// <param name="Parent">The lease that it is sublet from.</param>
    /// <param name="PerHour">Dollars for a node and hour; the price sheet's, when it is left out.</param>
    /// <param name="Shape">What the price sheet asks of a node, as readings have it.</param>
    /// <param name="IsOwn">The landlord's own use: held, and free.</param>
    internal sealed record LeaseToPropose(
        string? For, LandlordId? Landlord, ClusterId? Cluster, IReadOnlyList<string>? Nodes, ProjectId? Project,
        Instant? From, Instant? Until, decimal? PerHour, int? NoticeDays, string? Parent, JsonElement? Shape,
        bool? IsOwn);

    /// <param name="For">'lessor' or 'lessee'; a key of a landlord is always the lessor.</param>
    /// <param name="Because">To decline or reclaim: the other side sees it.</param>
    /// <param name="PerHour">To reprice: dollars for a node and hour from then on.</param>
    internal sealed record LeaseAnswer(
        string? For, string? Because, Instant? Until, Instant? From, ProjectId? Project, decimal? PerHour);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, List).Reads<PageOf<LeaseRow>>(
            "GetLeases", "Leases of the caller's landlord, or all; or of a project.");
        app.MapGet($"{Path}/{{id}}", One).Reads<LeaseDetails>(
            "GetLease", "A lease with what was said of it, what is sublet from it, and what it came to by month.");
        app.MapPost(Path, Propose).DoneOnce().Makes().Acts(
            "ProposeLease", "Proposes a lease, or a sublease of 'parent'; the other side accepts it.", Proposal,
            typeof(LeaseToPropose));
        app.MapPost($"{Path}/{{id}}/accept", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "accept"))
            .Says("AcceptLease", "Accepts what the other side proposed.", """{"for":"lessee"}""");
        app.MapPost($"{Path}/{{id}}/decline", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "decline"))
            .Says("DeclineLease", "Says no to what is proposed, or takes it back.",
                """{"for":"lessee","because":"the course was moved"}""");
        app.MapPost($"{Path}/{{id}}/extend", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "extend"))
            .Says("ExtendLease", "Proposes that a lease lasts longer.",
                """{"for":"lessee","until":"2027-04-01T00:00:00Z"}""");
        app.MapPost($"{Path}/{{id}}/end", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "end"))
            .Says("EndLease", "Proposes that a lease ends before its time.",
                """{"for":"lessee","from":"2027-02-01T00:00:00Z"}""");
        app.MapPost($"{Path}/{{id}}/transfer", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "transfer"))
            .Says("TransferLease", "Proposes that another project holds a lease.",
                """{"for":"lessee","from":"2027-02-01T00:00:00Z","project":"p-ben"}""");
        app.MapPost($"{Path}/{{id}}/reprice", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "reprice"))
            .Says("RepriceLease", "Proposes another price of a node and hour from an instant on.",
                """{"for":"lessee","from":"2027-02-01T00:00:00Z","perHour":"0.55"}""");
        app.MapPost($"{Path}/{{id}}/reclaim", (HttpContext http, Composition exchange, string id) =>
                Say(http, exchange, id, "reclaim"))
            .Says("ReclaimLease", "Takes a lease back, with the notice that was agreed.",
                """{"for":"lessor","from":"2027-02-15T00:00:00Z","because":"a course begins"}""");
    }

    private static void Says(this RouteHandlerBuilder route, string name, string summary, string example) =>
        route.DoneOnce().Edits(
            http => $"lease {http.Request.RouteValues["id"]}",
            (http, exchange, ct) => LeasesFor.Edition(
                exchange, Viewer.Needed(http), $"{http.Request.RouteValues["id"]}", ct))
            .Acts(name, summary, example, typeof(LeaseAnswer)).ProducesProblem(412).ProducesProblem(428);

    private static RouteHandlerBuilder Acts(
        this RouteHandlerBuilder route, string name, string summary, string example, Type body) =>
        route.RequireAuthorization(Permissions.LeaseByKey).Described(name, summary)
            .WithMetadata(new Takes("What is said.", ["application/json"], [example], body))
            .Produces<LeaseDetails>().ProducesProblem(422);

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, LandlordId? landlord, ProjectId? project, string? cursor, int? limit)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var rows = await LeasesFor.Rows(exchange, Viewer.Needed(http), http.RequestAborted);
        return new Tagged(PageOf<LeaseRow>.Cut(
            rows.Where(row => (reach.Landlord ?? row.Landlord) == row.Landlord &&
                (project is not { } of || of == row.Holder || of.Value == row.Lessor)),
            cursor, limit, row => row.Id));
    }

    private static async Task<IResult> One(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        await LeasesFor.Find(exchange, Viewer.Needed(http), id, ct) is { } found
            ? new Tagged(found)
            : new NotThere();

    private static async Task<IResult> Propose(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (await Body.Read<LeaseToPropose>(http, ct) is not
            {
                Cluster: { } cluster, Nodes: { Count: > 0 and <= 10_000 } nodes, Project: { } project,
                From: { } from, Until: { } until,
            } asked || from >= until || (asked.Landlord ?? viewer.Landlord) is not { } landlord ||
            Side(viewer, asked.For) is not { } side)
        {
            return FinanceRoute.Malformed(Proposal);
        }

        if (viewer.Landlord is { } own && own != landlord)
        {
            return new LandlordScope.Refused();
        }

        var parties = await LeaseParties.Of(exchange, viewer, ct);
        return await FinanceRoute.Act(async () =>
        {
            var terms = new Lease(
                "", landlord, cluster, [.. nodes], asked.Parent, [new(project, from)], new(from, until),
                asked.PerHour, asked.NoticeDays ?? 0)
            {
                Shape = Files.Parsed<Metering.Shape>(asked.Shape?.GetRawText() ?? "{}").ToString(),
                IsOwn = asked.IsOwn ?? false,
            };
            var deal = await LeasesFor.Propose(
                exchange, terms, new(side, viewer.Actor, (lease, agreed) => parties.IsOn(lease, agreed, side)),
                Actor(http), ct);
            return (await LeasesFor.Find(exchange, viewer, deal.Needed().Id, ct))!;
        });
    }

    private static async Task<IResult> Say(HttpContext http, Composition exchange, string id, string act)
    {
        var (viewer, ct) = (Viewer.Needed(http), http.RequestAborted);
        if (await LeasesFor.Find(exchange, viewer, id, ct) is null)
        {
            return new NotThere();
        }

        if (await Body.Read<LeaseAnswer>(http, ct) is not { } asked || Side(viewer, asked.For) is not { } side)
        {
            return FinanceRoute.Malformed("""{"for":"lessee"}""");
        }

        var word = new LeaseWord(act, asked.Until, asked.From, asked.Project, asked.Because ?? "")
        {
            PerHour = asked.PerHour,
        };
        return await FinanceRoute.Act(async () =>
        {
            await LeasesFor.Say(exchange, viewer, id, word, side, Actor(http), ct);
            return (await LeasesFor.Find(exchange, viewer, id, ct))!;
        });
    }

    /// <summary>Null where a key that may speak for both does not say for which.</summary>
    private static LeaseSide? Side(Viewer viewer, string? asked) => asked switch
    {
        "lessor" => LeaseSide.Lessor,
        "lessee" => LeaseSide.Lessee,
        null when viewer.Landlord is not null => LeaseSide.Lessor,
        _ => null,
    };

    /// <summary>The route asks for the scope of the key, and the parties of the lease for the rest.</summary>
    private static Actor Actor(HttpContext http) => Actors.Of(http) with { May = _ => true };
}
