using System.Globalization;
using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Market.Quotes;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/mandates, and quotes and orders by programs: a key of an intermediary acts for customers who said so, a key of
/// finance for anybody.
/// </summary>
internal static class MandatesOverHttp
{
    private const string Plan = """
        {"project":"p-ada","landlord":"nerc","cluster":"stack",
         "usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"100"}]}
        """;

    private const string ToOrder = """{"quote":"Q-7F3K2M9Q","part":1}""";

    /// <param name="Landlord">With its cluster; the best mix of places where both are left out.</param>
    /// <param name="At">When the plan begins; now, without it.</param>
    /// <param name="ValidDays">For how long prices are held; 14 days, without it.</param>
    internal sealed record PlanToSave(
        ProjectId? Project, IReadOnlyList<PostQuote.Usage>? Usage, LandlordId? Landlord, ClusterId? Cluster,
        Instant? At, int? ValidDays);

    /// <summary>What was quoted, to be ordered before it lapses.</summary>
    internal sealed record QuoteKept(
        string Id, ProjectId Project, Period Period, Instant ValidUntil, Money Total, IReadOnlyList<PartKept> Parts);

    internal sealed record PartKept(
        LandlordId Landlord, ClusterId Cluster, Money Total, IReadOnlyList<QuoteLine> Lines);

    /// <param name="Part">Which place of the quote, from 1; the first, without it.</param>
    internal sealed record QuoteToOrder(string? Quote, int? Part);

    /// <param name="Awaits">Whose approval is missing: 'payer', 'landlord'.</param>
    internal sealed record OrderPlaced(
        string Id, string Quote, ProjectId Project, LandlordId Landlord, ClusterId Cluster, Money Total,
        IReadOnlyList<string> Awaits);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/mandates", List).Reads<PageOf<MandateRow>>(
            "GetMandates", "For which customers the caller's landlord acts, or who acts for whom.");
        app.MapGet("/v1/mandates/acts", Acts).Reads<PageOf<ActedRow>>(
            "GetActs", "What an intermediary quoted and ordered in customers' names, the oldest first.");
        app.MapPost("/v1/quotes/saved", Save).DoneOnce().Makes().TakesUpTo(BodySizes.Document)
            .RequireAuthorization(Permissions.OrderByKey).Described(
                "SaveQuote", "Saves a quote for a project, in the name of whoever answers for it.")
            .WithMetadata(new Takes("The plan.", ["application/json"], [Plan], typeof(PlanToSave)))
            .Produces<QuoteKept>().ProducesProblem(422);
        app.MapPost("/v1/orders", Place).DoneOnce().Makes().RequireAuthorization(Permissions.OrderByKey).Described(
                "PlaceOrder", "Orders what was quoted, in the name of whoever answers for the project.")
            .WithMetadata(new Takes("Which quote.", ["application/json"], [ToOrder], typeof(QuoteToOrder)))
            .Produces<OrderPlaced>().ProducesProblem(422);
    }

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, LandlordId? landlord, string? cursor, int? limit) =>
        LandlordScope.Of(http, landlord) is { } reach
            ? new Tagged(PageOf<MandateRow>.Cut(
                await MandatesFor.Rows(
                    exchange, null, reach.Landlord, await Confidential.For(http, exchange, http.RequestAborted),
                    http.RequestAborted), cursor, limit, row => row.Key))
            : new LandlordScope.Refused();

    /// <summary>It is one intermediary's: a key of the exchange itself says whose.</summary>
    private static async Task<IResult> Acts(
        HttpContext http, Composition exchange, LandlordId? landlord, string? cursor, int? limit)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        if (reach.Landlord is not { } acting)
        {
            return Problem.Of(new(
                "request/malformed", "Say whose acts: add ?landlord= and the name of an intermediary.",
                "landlord"), 400);
        }

        var (most, key, end) = (Cursor.Limit(limit), Cursor.Key(cursor), 0);
        if (!int.TryParse(key.Length == 0 ? "0" : key, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            throw new FormatException("'cursor' is not one that was given out. Leave it out to begin at the start.");
        }

        var all = 0;
        var rows = await MandatesFor.Acted(
            exchange, (acting, Viewer.Needed(http)), await Confidential.For(http, exchange, http.RequestAborted),
            acted =>
            {
                all = acted.All.Length;
                return Math.Min(first, all)..(end = Math.Min(all, first + most));
            }, http.RequestAborted);
        return new Tagged(new PageOf<ActedRow>(rows, end < all ? Cursor.Of($"{end}") : null));
    }

    private static async Task<IResult> Save(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<PlanToSave>(http, ct) is not { Project: { } project } asked)
        {
            return FinanceRoute.Malformed(Plan);
        }

        if (PostQuote.Wrong(asked.Usage) is { } wrong)
        {
            return Problem.Of(wrong, 422);
        }

        var plan = new PlanToKeep(
            [.. asked.Usage!.Select(PostQuote.Quoted)], project, asked.Landlord, asked.Cluster,
            asked.At ?? exchange.Clock.GetCurrentInstant(), asked.ValidDays ?? 14);
        return await FinanceRoute.Act(async () =>
        {
            var terms = await KeepQuote.Save(
                exchange, plan, null, Actor(http), ct, Viewer.Needed(http).Landlord);
            return new QuoteKept(
                terms.Id, terms.Project, terms.Period, terms.ValidUntil, terms.Total,
                [.. terms.Parts.Select(part => new PartKept(part.Landlord, part.Cluster, part.Total, part.Lines))]);
        });
    }

    private static async Task<IResult> Place(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<QuoteToOrder>(http, ct) is { Quote: { } quote, Part: null or (>= 1 and <= 100) } asked &&
        Name.IsOne(quote)
            ? await FinanceRoute.Act(async () =>
            {
                var terms = await OrdersFor.Place(
                    exchange, (quote, (asked.Part ?? 1) - 1), (null, Viewer.Needed(http).Landlord), Actor(http), ct);
                var order = await exchange.Journal.State(Order.Fold, terms.Id, ct);
                return new OrderPlaced(
                    terms.Id, terms.Quote, terms.Project, terms.Landlord, terms.Cluster, terms.Total,
                    [.. order.Awaits.Select(side => $"{side}".ToLowerInvariant())]);
            })
            : FinanceRoute.Malformed(ToOrder);

    /// <summary>The route asks for the scope of the key, and the mandate for the rest.</summary>
    private static Actor Actor(HttpContext http) => Actors.Of(http) with { May = _ => true };
}
