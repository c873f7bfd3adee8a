using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>Something that a webhook is to be told now.</summary>
/// <param name="Owner">The landlord whose webhook it is; empty for the exchange's own.</param>
internal sealed record WebhookDue(
    string Webhook, long Position, int Attempts, string Event, string Body, string Url, string Secret, string Owner)
{
    /// <summary>Where it goes to, whatever the path.</summary>
    public string Host { get; } = new Uri(Url).Authority;
}

/// <summary>
/// What waits for webhooks, as the database keeps it. Whoever sends something takes it for a while: no other server
/// sends it meanwhile, and no connection is held while its receiver thinks. What is taken and never noted is due again.
/// </summary>
internal static class WebhookQueue
{
    /// <summary>Longer than any receiver is waited for.</summary>
    private static readonly Duration Lease = Duration.FromSeconds(60);

    /// <summary>
    /// The next of every webhook of which nothing is under way, the longest waiting first: each hears in order.
    /// </summary>
    public static async Task<IReadOnlyList<WebhookDue>> Due(
        NpgsqlDataSource database, int maxAttempts, Instant now, CancellationToken ct)
    {
        const string Sql = """
            select w.id, o.position, o.attempts, d.event, d.body, w.url, s.secret, coalesce(w.landlord, '')
            from exchange.webhook w
              join exchange.webhook_secret s on s.webhook = w.id
              cross join lateral (
                select position, attempts, next_at
                from exchange.webhook_outcome
                where webhook = w.id and done_at is null and next_at <= $1 and attempts < $2
                order by next_at, position
                limit 1) o
              join exchange.webhook_delivery d on d.webhook = w.id and d.position = o.position
            where w.removed_at is null and not exists (
              select from exchange.webhook_outcome under_way
              where under_way.webhook = w.id and under_way.taken_until > $1 and under_way.done_at is null)
            order by o.next_at, o.position
            limit 10000
            """;

        var due = new List<WebhookDue>();
        await using var command = database.Statement(Sql, [now, maxAttempts]);
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            due.Add(new(
                row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3), row.GetString(4),
                row.GetString(5), row.GetString(6), row.GetString(7)));
        }

        return due;
    }

    /// <returns>False when another server was faster.</returns>
    public static async Task<bool> Take(NpgsqlDataSource database, WebhookDue due, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.webhook_outcome
            set taken_until = $4
            where webhook = $1 and position = $2 and done_at is null and next_at <= $3
              and (taken_until is null or taken_until <= $3)
            """;

        return await database.Execute(
            Sql, [due.Webhook, due.Position, now, now + Lease], ct) == 1;
    }

    public static Task Done(NpgsqlDataSource database, WebhookDue due, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.webhook_outcome
            set done_at = $3, attempts = attempts + 1, why = '', taken_until = null
            where webhook = $1 and position = $2
            """;

        return database.Execute(Sql, [due.Webhook, due.Position, now], ct);
    }

    /// <summary>Whatever else waits for the same webhook waits too: it is away.</summary>
    public static Task Later(
        NpgsqlDataSource database, WebhookDue due, string why, Instant next, CancellationToken ct)
    {
        const string Sql = """
            with this as (
              update exchange.webhook_outcome
              set attempts = attempts + 1, next_at = $3, why = $4, taken_until = null
              where webhook = $1 and position = $2)
            update exchange.webhook_outcome
            set next_at = $3
            where webhook = $1 and position <> $2 and done_at is null and next_at < $3
            """;

        return database.Execute(Sql, [due.Webhook, due.Position, next, why], ct);
    }
}
