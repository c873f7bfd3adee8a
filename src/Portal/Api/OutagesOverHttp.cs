using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/outages — a landlord declares its own outages and takes them back, one by one.</summary>
internal static class OutagesOverHttp
{
    private const string Example = """
        {"name":"power-7","clusters":["stack"],"from":"2026-12-20T02:00:00Z","until":"2026-12-20T03:00:00Z",
         "reason":"a feed is replaced"}
        """;

    /// <param name="Until">Null while it lasts.</param>
    /// <param name="Kind">failure, maintenance, customer or force-majeure; failure when it is left out.</param>
    internal sealed record Declared(
        string? Name, IReadOnlyList<ClusterId>? Clusters, Instant? From, Instant? Until, string? Reason,
        string? Kind);

    internal sealed record Withdrawn(string? Name, string? Reason);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/outages", List).Reads<PageOf<OutageRow>>(
            "GetOutages", "Outages of the caller's landlord, or of all.");
        var declare = app.MapPost("/v1/outages", Declare).DoneOnce().Makes().WithName("DeclareOutage")
            .WithSummary("Declares an outage of the key's landlord, or tells one of this name otherwise.")
            .WithMetadata(new Takes("The outage.", ["application/json"],
                [Example], typeof(Declared)));
        var withdraw = app.MapPost("/v1/outages/withdraw", Withdraw).DoneOnce().Makes().WithName("WithdrawOutage")
            .WithSummary("Takes an outage of the key's landlord back: there was none.")
            .WithMetadata(new Takes("Which one, and why.", ["application/json"],
                ["""{"name":"power-7","reason":"it was the neighbor's"}"""], typeof(Withdrawn)));
        foreach (var route in (RouteHandlerBuilder[])[declare, withdraw])
        {
            route.RequireAuthorization(Permissions.PublishPrices).WithTags("outages").Produces<PageOf<OutageRow>>()
                .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(422);
        }
    }

    private static async Task<IResult> List(
        HttpContext http, IJournal journal, LandlordId? landlord, string? cursor, int? limit, CancellationToken ct) =>
        LandlordScope.Of(http, landlord) is { } reach
            ? new Tagged(PageOf<OutageRow>.Cut(
                OutageRow.Of((await LoadPriceBooks.Run(journal, ct)).Outages, reach.Landlord), cursor, limit,
                row => $"{row.Landlord} {row.Name}"))
            : new LandlordScope.Refused();

    private static async Task<IResult> Declare(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<Declared>(http, ct) is not { From: { } from } asked || !Name.IsOne(asked.Name ?? "") ||
            asked.Clusters is not { Count: > 0 and <= 100 } clusters || asked.Reason is { Length: > 1_000 } ||
            (asked.Kind is { } word && ServiceLevel.KindOf(word) is null))
        {
            return Malformed(
                "{\"name\":…,\"clusters\":[…],\"from\":…,\"until\":…,\"reason\":…,\"kind\":\"maintenance\"}");
        }

        var viewer = Viewer.Needed(http);
        var outage = new Outage(
            asked.Name!, viewer.Landlord!.Value, [.. clusters], from, asked.Until, Outage.KnownToAll)
        {
            Reason = asked.Reason ?? "",
            Kind = OutageRow.KindOf(asked.Kind),
        };
        return await Answer(
            await exchange.Commands.Try(
                ChangeOutage.Declare(outage, viewer.Actor, Permissions.PublishPrices), http, ct),
            exchange, viewer, ct);
    }

    private static async Task<IResult> Withdraw(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<Withdrawn>(http, ct) is not { Name: { } name } asked || asked.Reason is { Length: > 1_000 })
        {
            return Malformed("{\"name\":…,\"reason\":…}");
        }

        var viewer = Viewer.Needed(http);
        return await Answer(
            await exchange.Commands.Try(
                ChangeOutage.Withdraw(
                    viewer.Landlord!.Value, name, asked.Reason ?? "", viewer.Actor, Permissions.PublishPrices),
                http, ct),
            exchange, viewer, ct);
    }

    private static IResult Malformed(string like) =>
        Problem.Of(new("request/malformed", $"Send a JSON object like {like}."), 400);

    private static async Task<IResult> Answer(
        Refusal? refusal, Composition exchange, Viewer viewer, CancellationToken ct) => refusal is not null
        ? Problem.Of(refusal, StatusCodes.Status422UnprocessableEntity)
        : new Tagged(PageOf<OutageRow>.Cut(
            OutageRow.Of((await LoadPriceBooks.Run(exchange.Journal, ct)).Outages, viewer.Landlord), null, null,
            row => $"{row.Landlord} {row.Name}"));
}
