using Exchange.Journal;
using Exchange.Market.Deals;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/agreements/calendar and what both sides say of reservations, commitments and locked prices. A key of a landlord
/// speaks for it; a key of finance says for which side it speaks, as a portal does in which PIs press the buttons.
/// </summary>
internal static class AgreementsOverHttp
{
    private const string Path = "/v1/agreements";
    private const string Proposal = """
        {"for":"customer","kind":"reservation","landlord":"nerc","cluster":"stack","sku":"OpenStack CPU",
         "project":"p-ada","from":"2027-01-01T00:00:00Z","until":"2027-03-01T00:00:00Z","count":"2","rate":"0.010"}
        """;

    /// <param name="For">'landlord' or 'customer'; a key of a landlord is always the landlord.</param>
    /// <param name="Kind">'reservation' or 'commitment'.</param>
    /// <param name="Count">Of a reservation: units at each moment.</param>
    /// <param name="Quantity">Of a commitment: units a month.</param>
    /// <param name="Spend">Of a commitment: dollars a month, in the place of a quantity.</param>
    /// <param name="Rate">Dollars a unit of the SKU.</param>
    internal sealed record AgreementToPropose(
        string? For, string? Kind, LandlordId? Landlord, ClusterId? Cluster, SkuId? Sku, ProjectId? Project,
        Instant? From, Instant? Until, decimal? Count, decimal? Quantity, decimal? Spend, decimal? Rate);

    /// <param name="For">'landlord' or 'customer'; a key of a landlord is always the landlord.</param>
    /// <param name="Because">To decline: the other side sees it.</param>
    /// <param name="Rate">To reprice: dollars a unit from then on.</param>
    /// <param name="Sku">To reprice locked prices: which.</param>
    internal sealed record AgreementAnswer(
        string? For, string? Because, Instant? Until, Instant? From, ProjectId? Project, decimal? Rate, SkuId? Sku);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet($"{Path}/calendar", List).Reads<PageOf<DealRow>>(
            "GetAgreementCalendar",
            "Reservations, commitments and locked prices of the caller's landlord, or all; or of a project.");
        app.MapGet($"{Path}/{{id}}", One).Reads<DealDetails>(
            "GetAgreement", "An agreement with what was said of it, and what it came to by month.");
        app.MapPost(Path, Propose).DoneOnce().Makes().Acts(
            "ProposeAgreement", "Proposes a reservation or a commitment; the other side accepts it.", Proposal,
            typeof(AgreementToPropose));
        Says(app, "accept", "AcceptAgreement", "Accepts what the other side proposed.", """{"for":"customer"}""");
        Says(app, "decline", "DeclineAgreement", "Says no to what is proposed, or takes it back.",
            """{"for":"customer","because":"the course was moved"}""");
        Says(app, "extend", "ExtendAgreement", "Proposes that an agreement holds longer.",
            """{"for":"customer","until":"2027-04-01T00:00:00Z"}""");
        Says(app, "end", "EndAgreement", "Proposes that a reservation or commitment ends before its time.",
            """{"for":"customer","from":"2027-02-01T00:00:00Z"}""");
        Says(app, "transfer", "TransferAgreement", "Proposes that another project holds and pays it.",
            """{"for":"customer","from":"2027-02-01T00:00:00Z","project":"p-ben"}""");
        Says(app, "reprice", "RepriceAgreement", "Proposes another price of a unit from an instant on.",
            """{"for":"customer","from":"2027-02-01T00:00:00Z","rate":"0.011"}""");
    }

    private static void Says(
        IEndpointRouteBuilder app, string act, string name, string summary, string example) =>
        app.MapPost($"{Path}/{{id}}/{act}", (
                    HttpContext http, Composition exchange, string id, LandlordId? landlord) =>
                Say(http, exchange, (id, landlord), act))
            .DoneOnce().Edits(
                http => $"agreement {http.Request.RouteValues["id"]}",
                (http, exchange, ct) => DealsFor.Edition(
                    exchange, Viewer.Needed(http), $"{http.Request.RouteValues["id"]}", Whose(
                        Viewer.Needed(http), $"{http.Request.RouteValues["id"]}",
                        LandlordId.TryParse(http.Request.Query["landlord"], null, out var landlord) ? landlord : null),
                    ct))
            .Acts(name, summary, example, typeof(AgreementAnswer)).ProducesProblem(412).ProducesProblem(428);

    private static RouteHandlerBuilder Acts(
        this RouteHandlerBuilder route, string name, string summary, string example, Type body) =>
        route.RequireAuthorization(Permissions.LeaseByKey).Described(name, summary)
            .WithMetadata(new Takes("What is said.", ["application/json"], [example], body))
            .Produces<DealDetails>().ProducesProblem(422);

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, LandlordId? landlord, ProjectId? project, string? cursor, int? limit)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var rows = await DealsFor.Rows(exchange, Viewer.Needed(http), http.RequestAborted);
        return new Tagged(PageOf<DealRow>.Cut(
            rows.Where(row => (reach.Landlord ?? row.Landlord) == row.Landlord &&
                (project is not { } of || of == row.Holder)),
            cursor, limit, row => DealBook.Key(row.Id, row.Landlord)));
    }

    private static async Task<IResult> One(
        HttpContext http, Composition exchange, string id, LandlordId? landlord, CancellationToken ct) =>
        await DealsFor.Find(
            exchange, Viewer.Needed(http), id, Whose(Viewer.Needed(http), id, landlord), ct) is { } found
            ? new Tagged(found)
            : new NotThere();

    private static async Task<IResult> Propose(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (await Body.Read<AgreementToPropose>(http, ct) is not
            {
                Cluster: { } cluster, Sku: { } sku, Project: { } project, From: { } from, Until: { } until,
                Rate: { } rate,
            } asked || from >= until || (asked.Landlord ?? viewer.Landlord) is not { } landlord ||
            Side(viewer, asked.For) is not { } side || Amount(asked) is not var (kind, amount, isSpend))
        {
            return FinanceRoute.Malformed(Proposal);
        }

        if (viewer.Landlord is { } own && own != landlord)
        {
            return new LandlordScope.Refused();
        }

        var parties = await DealParties.Of(exchange, viewer, ct);
        return await FinanceRoute.Act(async () =>
        {
            var terms = new StandingAgreement(
                "", kind, landlord, cluster, sku, [new(project, from)], new(from, until), amount, rate)
            {
                IsSpend = isSpend,
            };
            var deal = await DealsFor.Propose(
                exchange, terms, new(side, viewer.Actor, of => parties.IsOn(of, side)), Actor(http), ct);
            return (await DealsFor.Find(exchange, viewer, deal.Needed().Id, null, ct))!;
        });
    }

    private static (StandingKind Kind, decimal Amount, bool IsSpend)? Amount(AgreementToPropose asked) => asked switch
    {
        { Kind: "reservation", Count: { } count, Quantity: null, Spend: null } =>
            (StandingKind.Reservation, count, false),
        { Kind: "commitment", Count: null, Quantity: { } quantity, Spend: null } =>
            (StandingKind.Commitment, quantity, false),
        { Kind: "commitment", Count: null, Quantity: null, Spend: { } spend } =>
            (StandingKind.Commitment, spend, true),
        _ => null,
    };

    /// <summary>Of locked prices of several landlords, whose: a landlord speaks of its own.</summary>
    private static LandlordId? Whose(Viewer viewer, string id, LandlordId? asked) =>
        asked ?? (Charge.IsStanding(id) ? null : viewer.Landlord);

    private static async Task<IResult> Say(
        HttpContext http, Composition exchange, (string Id, LandlordId? Landlord) of, string act)
    {
        var (viewer, ct) = (Viewer.Needed(http), http.RequestAborted);
        var (id, landlord) = (of.Id, Whose(viewer, of.Id, of.Landlord));
        if (await Body.Read<AgreementAnswer>(http, ct) is not { } asked || Side(viewer, asked.For) is not { } side)
        {
            return FinanceRoute.Malformed("""{"for":"customer"}""");
        }

        if (await DealsFor.Find(exchange, viewer, id, landlord, ct) is null)
        {
            return new NotThere();
        }

        var word = new DealWord(act, asked.Until, asked.From, asked.Project, asked.Because ?? "")
        {
            Rate = asked.Rate,
            Sku = asked.Sku,
        };
        return await FinanceRoute.Act(async () =>
        {
            await DealsFor.Say(exchange, viewer, (id, landlord), word, side, Actor(http), ct);
            return (await DealsFor.Find(exchange, viewer, id, landlord, ct))!;
        });
    }

    /// <summary>Null where a key that may speak for both does not say for which.</summary>
    private static DealSide? Side(Viewer viewer, string? asked) => asked switch
    {
        "landlord" => DealSide.Landlord,
        "customer" => DealSide.Customer,
        null when viewer.Landlord is not null => DealSide.Landlord,
        _ => null,
    };

    /// <summary>The route asks for the scope of the key, and the parties of the agreement for the rest.</summary>
    private static Actor Actor(HttpContext http) => Actors.Of(http) with { May = _ => true };
}
