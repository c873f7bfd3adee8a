using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>
/// The read model of webhooks and of what each has to be told, made in the order of the journal: whatever happened
/// while nothing was sent is still there, and each event once.
/// </summary>
internal sealed class WebhookList : IProjection
{
    private sealed record Listening(string Id, LandlordId? Landlord, IReadOnlyList<string> Events);

    public string Name => "exchange.webhook";

    public Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        connection.Execute("truncate exchange.webhook, exchange.webhook_delivery", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        var listening = await Read(connection, ct);
        foreach (var recorded in events)
        {
            if (recorded.Category == Webhook.Fold.Category)
            {
                await Change(connection, listening, recorded, ct);
                continue;
            }

            foreach (var webhook in listening)
            {
                if (WebhookPayload.For(recorded, webhook.Landlord) is { } told && webhook.Events.Contains(told.Event))
                {
                    await Queue(connection, webhook.Id, recorded, told, ct);
                }
            }
        }
    }

    private static async Task Change(
        NpgsqlConnection connection, List<Listening> listening, Recorded recorded, CancellationToken ct)
    {
        const string Add = """
            insert into exchange.webhook (id, url, landlord, events, created_at) values ($1, $2, $3, $4, $5)
            """;
        const string Remove = "update exchange.webhook set removed_at = $2 where id = $1";

        var id = recorded.Stream[(Webhook.Fold.Category.Length + 1)..];
        if (recorded.Event.As<WebhookEvent>(Upcasts.None) is WebhookEvent.Registered e)
        {
            listening.Add(new(id, e.Landlord, e.Events));
            await connection.Execute(
                Add, [id, e.Url, (object?)e.Landlord?.Value ?? DBNull.Value, e.Events.ToArray(),
                    e.At], ct);
        }
        else
        {
            listening.RemoveAll(webhook => webhook.Id == id);
            await connection.Execute(Remove, [id, recorded.At], ct);
        }
    }

    /// <summary>A delivery that was made before a rebuild keeps its outcome, so nothing is sent again by it.</summary>
    private static async Task Queue(
        NpgsqlConnection connection, string webhook, Recorded recorded, WebhookPayload told, CancellationToken ct)
    {
        const string Sql = """
            with delivery as (
              insert into exchange.webhook_delivery (webhook, position, event, body) values ($1, $2, $3, $4))
            insert into exchange.webhook_outcome (webhook, position, next_at) values ($1, $2, $5)
            on conflict (webhook, position) do nothing
            """;

        await connection.Execute(
            Sql, [webhook, recorded.Position, told.Event, told.Body, recorded.At], ct);
    }

    private static async Task<List<Listening>> Read(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = "select id, landlord, events from exchange.webhook where removed_at is null order by id";
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<Listening>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.IsDBNull(1) ? null : new LandlordId(rows.GetString(1)),
                rows.GetFieldValue<string[]>(2)));
        }

        return found;
    }
}
