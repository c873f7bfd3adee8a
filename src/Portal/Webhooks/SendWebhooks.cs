using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>
/// A job: tells webhooks what waits for them, signed. What is not answered with 2xx is sent again later and later. It
/// may be sent twice when the program dies between the answer and its note, never not at all.
/// </summary>
internal static class SendWebhooks
{
    /// <summary>After so many it is given up until its owner asks for it again: some two days.</summary>
    public const int MostAttempts = 18;

    private static readonly Duration First = Duration.FromSeconds(5);
    private static readonly Duration Longest = Duration.FromHours(6);

    private sealed record Due(string Webhook, long Position, int Attempts, string Event, string Body, string Url,
        string Secret);

    /// <summary>Sends everything that is due now.</summary>
    /// <returns>How many attempts were made.</returns>
    public static async Task<int> Run(NpgsqlDataSource database, HttpClient http, IClock clock, CancellationToken ct)
    {
        var attempts = 0;
        while (await Next(database, http, clock, ct))
        {
            attempts++;
        }

        return attempts;
    }

    /// <summary>'t=1760000000,v1=…': HMAC-SHA-256 over the time, a point and the body.</summary>
    public static string Sign(string secret, Instant at, string body)
    {
        var time = at.ToUnixTimeSeconds();
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(hash)}";
    }

    /// <summary>How long to wait after so many attempts that failed.</summary>
    public static Duration Wait(int attempts) =>
        attempts >= 14 ? Longest : Duration.Min(Longest, First * (1L << attempts));

    /// <summary>The row stays locked while its request is under way, so that no other server sends it too.</summary>
    private static async Task<bool> Next(
        NpgsqlDataSource database, HttpClient http, IClock clock, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var now = clock.GetCurrentInstant();
        if (await Find(connection, now, ct) is not { } due)
        {
            return false;
        }

        var why = await Send(http, due, now, ct);
        await (why is null ? Done(connection, due, now, ct) : Later(connection, due, why, now, ct));
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task<Due?> Find(NpgsqlConnection connection, Instant now, CancellationToken ct)
    {
        const string Sql = """
            select o.webhook, o.position, o.attempts, d.event, d.body, w.url, s.secret
            from exchange.webhook_outcome o
              join exchange.webhook_delivery d using (webhook, position)
              join exchange.webhook w on w.id = o.webhook and w.removed_at is null
              join exchange.webhook_secret s on s.webhook = o.webhook
            where o.done_at is null and o.next_at <= $1 and o.attempts < $2
            order by o.next_at, o.position
            limit 1
            for update of o skip locked
            """;

        await using var command = connection.Statement(Sql, [now.ToDateTimeUtc(), MostAttempts]);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? new(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3), row.GetString(4),
                row.GetString(5), row.GetString(6))
            : null;
    }

    /// <returns>Why it did not arrive; null when it did.</returns>
    private static async Task<string?> Send(HttpClient http, Due due, Instant now, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, due.Url)
        {
            Content = new StringContent(due.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Exchange-Event", due.Event);
        request.Headers.Add("Exchange-Delivery", $"{due.Webhook}-{due.Position}");
        request.Headers.Add("Exchange-Signature", Sign(due.Secret, now, due.Body));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException ||
            (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "did not answer in time"
                : e.InnerException is PublicOnly.PrivateAddressException inner ? inner.Message : "cannot be reached";
        }
    }

    private static Task<int> Done(NpgsqlConnection connection, Due due, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.webhook_outcome
            set done_at = $3, attempts = attempts + 1, why = ''
            where webhook = $1 and position = $2
            """;

        return connection.Execute(Sql, [due.Webhook, due.Position, now.ToDateTimeUtc()], ct);
    }

    /// <summary>Whatever else waits for the same address waits too: it is away.</summary>
    private static async Task Later(
        NpgsqlConnection connection, Due due, string why, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.webhook_outcome
            set attempts = attempts + 1, next_at = $3, why = $4
            where webhook = $1 and position = $2
            """;
        const string Others = """
            update exchange.webhook_outcome
            set next_at = $2
            where (webhook, position) in (
              select webhook, position
              from exchange.webhook_outcome
              where webhook = $1 and done_at is null and next_at < $2
              for update skip locked)
            """;

        var next = (now + Wait(due.Attempts)).ToDateTimeUtc();
        await connection.Execute(Sql, [due.Webhook, due.Position, next, why], ct);
        await connection.Execute(Others, [due.Webhook, next], ct);
    }
}
