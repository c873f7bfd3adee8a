using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Pages;

/// <summary>/webhooks — where a landlord or finance wants to be told of what happens, and what became of it.</summary>
public sealed partial class WebhooksPage
{
    private const string Path = "/webhooks";
    private const int MaxShown = 100;

    /// <summary>Who is told of what, and what became of it.</summary>
    /// <param name="Events">What somebody can be told of.</param>
    public sealed record Overview(ITable Webhooks, IReadOnlyList<string> Events, IListing Deliveries)
    {
        /// <summary>One that was registered just now; null otherwise.</summary>
        public Registered? Made { get; init; }
    }

    /// <summary>A new webhook, whose secret is shown this one time.</summary>
    public sealed record Registered(string Id, string Secret);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepWebhooks).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepWebhooks).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost($"{Path}/act", Act).RequireAuthorization(Permissions.KeepWebhooks).ChecksForm().Edits(Streams)
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(HttpContext http, Composition exchange, View view, CancellationToken ct) =>
        await Draw(http, exchange, view, Form.Empty, null, ct);

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, View view, ServerOptions options, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var url = form.Line("url", "The address", 500);
        RegisterWebhook.New? made = null;
        if (form.IsRight)
        {
            await exchange.Projections.CatchUp(ct); // How many there are counts.
            (made, var refusal) = await exchange.Commands.Ask(
                new RegisterWebhook(
                    exchange.Database, url, viewer.Landlord, form.All("event"), options.WebhooksToPrivate,
                    viewer.Actor), http, ct);
            if (refusal is not null)
            {
                form.Wrong("url", refusal.Message);
            }
        }

        return await Draw(http, exchange, view, made is null ? form : Form.Empty, made, ct);
    }

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct) =>
        await WebhookBook.Stream(exchange.Journal, Viewer.Needed(http), (await Form.Read(http, ct)).Typed("id"), ct);

    private static async Task<IResult> Act(HttpContext http, Composition exchange, View view, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (!form.IsRight)
        {
            return await Draw(http, exchange, view, form, null, ct);
        }

        var (viewer, id) = (Viewer.Needed(http), form.Typed("id"));
        var refusal = form.Typed("do") == "remove"
            ? await exchange.Commands.Try(
                new RemoveWebhook(exchange.Database, id, viewer.Landlord, viewer.Actor), http, ct)
            : await exchange.Commands.Try(
                new ReplayWebhook(exchange.Database, id, viewer.Landlord, 0), http, ct);
        if (refusal is not null)
        {
            return new NotThere();
        }

        return Results.Redirect(Path);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, View view, Form form, RegisterWebhook.New? made, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var connection = await view.Connection(ct);
        var webhooks = await WebhookBook.List(connection, ct);
        var editions = await ETag.Each(
            exchange, [.. webhooks.Select(w => Webhook.Fold.StreamOf(w.Id))], ct);
        var told = Deliveries(await WebhookBook.Deliveries(connection, null, long.MaxValue, MaxShown, ct));
        return told.Answer(http) ?? Page.Of<WebhooksPage, Overview>(http, "Webhooks", new(
            List(webhooks, editions), [.. WebhookPayload.Events(Viewer.Needed(http).Landlord)], told)
        {
            Made = made is null ? null : new(made.Id, made.Secret),
        }, form);
    }

    private static TableOf<WebhookRow> List(
        IReadOnlyList<WebhookRow> webhooks, IReadOnlyDictionary<string, ETag> editions) => new(
        "Webhooks", webhooks,
        [
            Column<WebhookRow>.Words("Webhook", w => w.Id),
            Column<WebhookRow>.Words("Address", w => w.Url),
            Column<WebhookRow>.Words("Event types", w => string.Join(", ", w.Events)),
            Column<WebhookRow>.Time("Since", w => w.CreatedAt),
            new("Actions", w => Acts(w.Id, editions[Webhook.Fold.StreamOf(w.Id)].Version)),
        ], "No webhook is registered yet. Register one below, and it is sent each event as it happens.");

    private static Listing<DeliveryRow> Deliveries(IReadOnlyList<DeliveryRow> told) =>
        new("told", "The newest deliveries", told, [
            Column<DeliveryRow>.Words("Webhook", d => d.Webhook),
            Column<DeliveryRow>.Number("Position", d => (decimal)d.Position),
            Column<DeliveryRow>.Words("Event", d => d.Event),
            new("State", d => Cell.Tag(d.State, d.State switch
            { "done" => "good", "waiting" => "warn", _ => "bad" }), Plain: d => d.State, Key: d => d.State),
            Column<DeliveryRow>.Number("Attempts", d => (decimal)d.Attempts),
            Column<DeliveryRow>.Time("Done, or next", d => d.DoneAt ?? d.NextAt),
            Column<DeliveryRow>.Words("Why", d => d.Why),
        ], "Nothing was delivered yet.");
}
