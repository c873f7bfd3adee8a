using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Api;

/// <summary>/v1/levels — what landlords promise of services, how a month was, and what of it is credited.</summary>
internal static class LevelsOverHttp
{
    private const string Example = """
        {"service":"openstack","from":"2027-01","ladder":[{"below":"99.9","credit":"10"},{"below":"99","credit":"25"}],
         "cap":"50","maintenance":{"noticeDays":3,"hours":"8"},"excludes":["customer"]}
        """;

    /// <param name="Ladder">From the highest availability to the lowest; empty for no promise.</param>
    /// <param name="Cap">The most percent of a month's charges that is credited; 100 when it is left out.</param>
    internal sealed record Promised(
        string? Service, BillingMonth? From, IReadOnlyList<PromisedStep>? Ladder, decimal? Cap,
        PromisedMaintenance? Maintenance, IReadOnlyList<string>? Excludes);

    internal sealed record PromisedStep(decimal Below, decimal Credit);

    internal sealed record PromisedMaintenance(int NoticeDays, decimal? Hours);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/levels", List).Reads<PageOf<LevelRow>>(
            "GetLevels", "Service levels of the caller's landlord, or of all, in a month.");
        app.MapPost("/v1/levels", Publish).DoneOnce().Makes().WithName("PublishLevel")
            .WithSummary("Promises how much of each month a service of the key's landlord works.")
            .WithMetadata(new Takes("The level.", ["application/json"], [Example], typeof(Promised)))
            .RequireAuthorization(Permissions.PublishPrices).WithTags("levels").Produces<PageOf<LevelRow>>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(422);
    }

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, LandlordId? landlord, BillingMonth? month, string? cursor, int? limit)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var books = await LoadPriceBooks.Run(exchange.Journal, http.RequestAborted);
        var now = exchange.Clock.GetCurrentInstant();
        return new Tagged(PageOf<LevelRow>.Cut(
            LevelRow.Of(books, reach.Landlord, month ?? BillingMonth.Of(now), now), cursor, limit, row => row.Id));
    }

    private static async Task<IResult> Publish(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<Promised>(http, ct) is not { From: { } from, Ladder.Count: <= 100 } asked ||
            !Name.IsOne(asked.Service) || asked.Excludes is { Count: > 10 })
        {
            return Problem.Of(new(
                "request/malformed", "Send a JSON object like {\"service\":…,\"from\":…,\"ladder\":[…]}."), 400);
        }

        var landlord = Viewer.Needed(http).Landlord!.Value;
        try
        {
            await PublishLevels.Run(exchange, Level(landlord, from, asked), isCorrection: false, Actors.Of(http) with
            {
                May = _ => true, // The route asks for the scope of the key.
            }, ct);
        }
        catch (RefusedException e)
        {
            return Problem.Of(e.Refusal, StatusCodes.Status422UnprocessableEntity);
        }

        var now = exchange.Clock.GetCurrentInstant();
        return new Tagged(PageOf<LevelRow>.Cut(
            LevelRow.Of(await LoadPriceBooks.Run(exchange.Journal, ct), landlord, from, now), null, null,
            row => row.Id));
    }

    private static ServiceLevel Level(LandlordId landlord, BillingMonth from, Promised asked) => new(
        landlord, asked.Service!, from, [.. asked.Ladder!.Select(step => new LevelStep(step.Below, step.Credit))],
        asked.Cap ?? 100,
        asked.Maintenance is { } terms ? new(terms.NoticeDays, terms.Hours) : null,
        [.. (asked.Excludes ?? []).Select(PublishLevels.Kind)]);
}
