using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Api;

/// <summary>/v1/webhooks — where the key's owner wants to be told of what happens, and what became of it.</summary>
internal static class WebhooksOverHttp
{
    /// <summary>What is asked for: an address, and of what it is told; of everything, when nothing is named.</summary>
    internal sealed record Wanted(string? Url, IReadOnlyList<string>? Events);

    /// <summary>How many events are told again.</summary>
    internal sealed record Again(int Deliveries);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/webhooks", List).Reads<PageOf<WebhookRow>>("GetWebhooks", "Webhooks of the key's owner.");
        app.MapGet("/v1/webhook-deliveries", Deliveries).Reads<PageOf<DeliveryRow>>(
            "GetWebhookDeliveries", "What webhooks were told, newest first.");
        var register = app.MapPost("/v1/webhooks", Register).DoneOnce(secret: "secret").Makes()
            .WithName("RegisterWebhook")
            .WithSummary("Registers an address; the answer holds the secret that signs, this one time.")
            .WithMetadata(new Takes("An address and what it is told of.", ["application/json"],
                ["""{"url":"https://cloud.example.org/told","events":["month-closed"]}"""], typeof(Wanted)))
            .Produces<RegisterWebhook.New>(StatusCodes.Status201Created).ProducesProblem(422);
        var replay = app.MapPost("/v1/webhooks/{id}/replay", Replay).DoneOnce().Makes().WithName("ReplayWebhook")
            .WithSummary("Tells a webhook again of everything after a position.").Produces<Again>()
            .ProducesProblem(404).ProducesProblem(422);
        var remove = app.MapDelete("/v1/webhooks/{id}", Remove)
            .Edits((http, exchange, ct) => WebhookBook.Stream(
                exchange.Journal, Viewer.Needed(http), http.Request.RouteValues["id"]!.ToString()!, ct))
            .WithName("RemoveWebhook")
            .WithSummary("Removes a webhook and its secret.").Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        foreach (var route in (RouteHandlerBuilder[])[register, replay, remove])
        {
            route.RequireAuthorization(Permissions.ReadByKey).WithTags("webhooks")
                .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409)
                .ProducesProblem(503);
        }
    }

    private static async Task<IResult> List(
        Composition exchange, View view, string? cursor, int? limit, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        return new Tagged(PageOf<WebhookRow>.Cut(
            await WebhookBook.List(await view.Connection(ct), ct), cursor, limit, row => row.Id));
    }

    private static async Task<IResult> Deliveries(
        Composition exchange, View view, string? webhook, string? cursor, int? limit, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var most = Cursor.Limit(limit);
        var before = Cursor.Key(cursor) is { Length: > 0 } key
            ? long.TryParse(key, out var position) ? position
                : throw new FormatException("The cursor is not one that this list gave.")
            : long.MaxValue;
        var rows = await WebhookBook.Deliveries(await view.Connection(ct), webhook, before, most, ct);
        return new Tagged(PageOf<DeliveryRow>.Of(rows, most, row => $"{row.Position}"));
    }

    private static async Task<IResult> Register(
        HttpContext http, Composition exchange, ServerOptions options, CancellationToken ct)
    {
        if (await Body.Read<Wanted>(http, ct) is not { } wanted)
        {
            return Problem.Of(new("request/malformed", "The body is not JSON like {\"url\":\"https://…\"}."), 400);
        }

        await exchange.Projections.CatchUp(ct); // How many there are counts.
        var viewer = Viewer.Needed(http);
        var (made, refusal) = await exchange.Commands.Ask(
            new RegisterWebhook(
                exchange.Database, wanted.Url ?? "", viewer.Landlord, wanted.Events ?? [],
                options.WebhooksToPrivate, viewer.Actor, Permissions.ReadByKey), http, ct);
        return refusal is not null
            ? Problem.Of(refusal, StatusCodes.Status400BadRequest)
            : Results.Json(made, Exchange.Text.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> Replay(
        HttpContext http, Composition exchange, string id, long? after, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        if (await WebhookBook.Stream(exchange.Journal, viewer, id, ct) is null)
        {
            return new NotThere();
        }

        return Results.Ok(new Again(await exchange.Commands.Execute(
            new ReplayWebhook(exchange.Database, id, viewer.Landlord, after ?? 0, Permissions.ReadByKey),
            Actors.Of(http), ct)));
    }

    private static async Task<IResult> Remove(
        HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        return await exchange.Commands.Try(
            new RemoveWebhook(exchange.Database, id, viewer.Landlord, viewer.Actor, Permissions.ReadByKey), http, ct)
                is null ? Results.NoContent() : new NotThere();
    }
}
