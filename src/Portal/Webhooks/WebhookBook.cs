using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>A webhook as it is listed.</summary>
internal sealed record WebhookRow(
    string Id, string Url, LandlordId? Landlord, IReadOnlyList<string> Events, Instant CreatedAt)
{
    /// <summary>What 'If-Match' names. One that is listed was registered, and nothing was done to it since.</summary>
    public string Version { get; } = "1";
}

/// <summary>What became of telling a webhook of one event.</summary>
/// <param name="State">'waiting', 'done', or 'given up'.</param>
internal sealed record DeliveryRow(
    string Webhook, long Position, string Event, string State, int Attempts, Instant? DoneAt, Instant NextAt,
    string Why);

/// <summary>The webhooks that there are, and what they were told.</summary>
internal static class WebhookBook
{
    /// <summary>The stream of a live webhook of this owner; null when there is none.</summary>
    public static async Task<IReadOnlyList<string>?> Stream(
        IJournal journal, Web.Access.Viewer owner, string id, CancellationToken ct) =>
        await journal.State(Webhook.Fold, id, ct) is Webhook.Live live && live.Landlord == owner.Landlord
            ? [Webhook.Fold.StreamOf(id)] : null;

    public static async Task<IReadOnlyList<WebhookRow>> List(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select id, url, landlord, events, created_at
            from exchange.webhook
            where removed_at is null
            order by id
            limit 1000
            """;

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<WebhookRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : new LandlordId(rows.GetString(2)),
                rows.GetFieldValue<string[]>(3), rows.GetFieldValue<Instant>(4)));
        }

        return found;
    }

    /// <summary>How many live webhooks somebody has, as far as was caught up with.</summary>
    public static async Task<long> CountOf(NpgsqlDataSource database, LandlordId? owner, CancellationToken ct)
    {
        const string Sql = """
            select count(*) from exchange.webhook where removed_at is null and coalesce(landlord, '') = $1
            """;
        await using var command = database.Statement(Sql, [owner?.Value ?? ""]);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <param name="before">Only what is older than this position; the newest comes first.</param>
    public static async Task<IReadOnlyList<DeliveryRow>> Deliveries(
        NpgsqlConnection connection, string? webhook, long before, int limit, CancellationToken ct)
    {
        const string Sql = """
            select d.webhook, d.position, d.event, o.attempts, o.done_at, o.next_at, o.why
            from exchange.webhook_delivery d join exchange.webhook_outcome o using (webhook, position)
            where d.position < $2 and ($1 = '' or d.webhook = $1)
            order by d.position desc, d.webhook
            limit $3
            """;

        await using var command = connection.Statement(Sql, [webhook ?? "", before, limit]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<DeliveryRow>();
        while (await rows.ReadAsync(ct))
        {
            var isDone = !rows.IsDBNull(4);
            var attempts = rows.GetInt32(3);
            found.Add(new(
                rows.GetString(0), rows.GetInt64(1), rows.GetString(2),
                isDone ? "done" : attempts >= SendWebhooks.MaxAttempts ? "given up" : "waiting", attempts,
                isDone ? rows.GetFieldValue<Instant>(4) : null,
                rows.GetFieldValue<Instant>(5), rows.GetString(6)));
        }

        return found;
    }
}
