using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Pages;

/// <summary>/webhooks — where a landlord or finance wants to be told of what happens, and what became of it.</summary>
internal static class WebhooksPage
{
    private const int Shown = 100;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/webhooks", Get).RequireAuthorization(Permissions.KeepWebhooks).ExcludeFromDescription();
        app.MapPost("/webhooks", Post).RequireAuthorization(Permissions.KeepWebhooks).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost("/webhooks/act", Act).RequireAuthorization(Permissions.KeepWebhooks).ChecksForm().Edits(Streams)
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

        return Results.Redirect("/webhooks");
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, View view, Form form, RegisterWebhook.New? made, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var connection = await view.Connection(ct);
        var webhooks = await WebhookBook.List(connection, ct);
        var editions = await ETag.Each(
            exchange, [.. webhooks.Select(w => Webhook.Fold.StreamOf(w.Id))], ct);
        var told = await WebhookBook.Deliveries(connection, null, long.MaxValue, Shown, ct);
        return Layout.Page(http, "Webhooks", Html.Of($"""
            {form.Summary()}
            {Html.If(made is not null, () => Html.Of($"""
            <div class="note-box good" role="status"><p>{made!.Id} is registered. What it is told is signed with this
            secret, which is shown this one time:</p><pre tabindex="0">{made.Secret}</pre></div>
            """))}
            {Table.Of("Who is told", webhooks, [
                Column<WebhookRow>.Words("Webhook", w => w.Id),
                Column<WebhookRow>.Words("Address", w => w.Url),
                Column<WebhookRow>.Words("Of", w => string.Join(", ", w.Events)),
                Column<WebhookRow>.Time("Since", w => w.CreatedAt),
                new("Actions", w => Form.Post(http, "/webhooks/act", Html.Of($"""
                {Form.Hidden("id", w.Id)}{editions[Webhook.Fold.StreamOf(
                    w.Id)].Hidden}<button name="do" value="replay">Redeliver</button>
                <button name="do" value="remove">Remove</button>
                """))),
            ], "Nobody is told of anything yet.")}
            {Registering(http, form)}
            <h2>Deliveries</h2>
            {Deliveries(told).Of(http)}
            """), form.Status);
    }

    private static Html Registering(HttpContext http, Form form) => Html.Of($"""
        <h2>Register an address</h2>
        {Form.Post(http, "/webhooks", Html.Of($"""
        {form.Input("url", "Address", "Begins with https:// and leads to a public address.", longest: 500)}
        <fieldset><legend>Event types; all when none is chosen</legend>
        {Html.Join(WebhookPayload.Events(Viewer.Needed(http).Landlord), e => form.Box("event", e, e))}</fieldset>
        <p><button class="main">Register</button></p>
        """))}
        """);

    private static Listing<DeliveryRow> Deliveries(IReadOnlyList<DeliveryRow> told) =>
        new("told", "The newest deliveries", told, [
            Column<DeliveryRow>.Words("Webhook", d => d.Webhook),
            Column<DeliveryRow>.Number("Position", d => (decimal)d.Position),
            Column<DeliveryRow>.Words("Event", d => d.Event),
            new("State", d => Tag.Of(d.State, d.State switch
            { "done" => "good", "waiting" => "warn", _ => "bad" }), Plain: d => d.State, Key: d => d.State),
            Column<DeliveryRow>.Number("Attempts", d => (decimal)d.Attempts),
            Column<DeliveryRow>.Time("Done, or next", d => d.DoneAt ?? d.NextAt),
            Column<DeliveryRow>.Words("Why", d => d.Why),
        ], "Nothing was told yet.");
}
