using System.Security.Cryptography;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>A message that is to go out, or went.</summary>
/// <param name="Id">What it is about, as 'invoice:PI-2026-0001': each thing is told once.</param>
/// <param name="Attached">The number of the document that goes with it.</param>
internal sealed record Message(string Id, string Recipient, string Subject, string Body, string? Attached);

/// <summary>A message of the outbox as a list shows it.</summary>
/// <param name="State">queued, sent or failed.</param>
internal sealed record MailRow(
    string Id, string MessageId, string Recipient, string Subject, string? Attached, string State, int Attempts,
    Instant QueuedAt, Instant? SentAt, string? Why);

/// <summary>The messages that wait in the database until a server has taken them.</summary>
internal static class Outbox
{
    /// <summary>Keeps messages to be sent. What was queued before stays as it is.</summary>
    /// <returns>How many are new.</returns>
    public static async Task<int> Queue(
        NpgsqlDataSource database, IEnumerable<Message> messages, string domain, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into exchange.outbox (id, message_id, recipient, subject, body, attached, queued_at, next_at)
            values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $7)
            on conflict (id) do nothing
            """;

        var queued = 0;
        foreach (var message in messages.Where(message => !ErasedToken.IsOne(message.Recipient)))
        {
            queued += await database.Execute(
                Sql,
                [
                    message.Id, MessageId(message.Id, domain), message.Recipient, message.Subject, message.Body,
                    message.Attached ?? "", now,
                ], ct);
        }

        return queued;
    }

    public static async Task<IReadOnlyList<MailRow>> List(
        NpgsqlConnection connection, int limit, CancellationToken ct)
    {
        const string Sql = """
            select id, message_id, recipient, subject, attached, attempts, queued_at, sent_at, why,
                   case when sent_at is not null then 'sent' when failed_at is not null then 'failed' else 'queued' end
            from exchange.outbox
            order by queued_at desc, id
            limit $1
            """;

        await using var command = connection.Statement(Sql, [limit]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<MailRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetString(4), rows.GetString(9), rows.GetInt32(5),
                rows.GetFieldValue<Instant>(6),
                rows.IsDBNull(7) ? null : rows.GetFieldValue<Instant>(7),
                rows.IsDBNull(8) ? null : rows.GetString(8)));
        }

        return found;
    }

    /// <summary>Sends a message once more that was sent, or refused for good.</summary>
    /// <returns>False when there is none of this name, or it waits already.</returns>
    /// <summary>How many messages are in each state.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> Counts(
        NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select case when sent_at is not null then 'sent' when failed_at is not null then 'failed' else 'queued' end,
                   count(*)
            from exchange.outbox
            group by 1
            order by 1
            """;

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            counts[rows.GetString(0)] = rows.GetInt64(1);
        }

        return counts;
    }

    /// <summary>Follows from what the message is about, so that whoever gets it twice can tell.</summary>
    private static string MessageId(string id, string domain) =>
        $"<{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))[..32]}@{domain}>";
}
