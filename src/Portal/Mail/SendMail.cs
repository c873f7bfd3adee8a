using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using Exchange.Invoicing;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>
/// A job: sends what is due in the outbox. A message is marked as sent once the server has taken it; a crash in between
/// sends it again, under the same Message-ID. Two senders never take the same message at once. A server that takes no
/// mail ends the run: what waits stays queued, with the reason, and nothing is given up for it.
/// </summary>
internal static class SendMail
{
    private const int MostAttempts = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What became of the messages that were due.</summary>
    /// <param name="Why">What was wrong with the server, so that the run ended early; null when nothing was.</param>
    public sealed record Outcome(int Sent, int Failed, int Deferred, string? Why = null);

    public static async Task<Outcome> Run(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        var outcome = new Outcome(0, 0, 0);
        if (!await IsAnyDue(exchange, ct))
        {
            return outcome;
        }

        if (await MailServer.Fault(settings, MailServer.Patience, ct) is { } fault)
        {
            return outcome with { Deferred = await DeferAll(exchange, fault, ct), Why = fault };
        }

        while (outcome.Why is null && await Next(exchange, settings, ct) is { } done)
        {
            outcome = new(
                outcome.Sent + done.Sent, outcome.Failed + done.Failed, outcome.Deferred + done.Deferred, done.Why);
        }

        return outcome;
    }

    private static async Task<bool> IsAnyDue(Composition exchange, CancellationToken ct)
    {
        const string Sql = """
            select exists (
              select from exchange.outbox where sent_at is null and failed_at is null and next_at <= $1)
            """;

        var now = exchange.Clock.GetCurrentInstant();
        await using var command = exchange.Database.Statement(Sql, [now.ToDateTimeUtc()]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>
    /// The server's fault is not the messages': it takes at most half of their attempts, and they go out within half
    /// an hour of its return.
    /// </summary>
    private static async Task<int> DeferAll(Composition exchange, string why, CancellationToken ct)
    {
        const string Sql = """
            update exchange.outbox
            set attempts = greatest(attempts, least(attempts + 1, $3)), why = $2,
                next_at = $1 + interval '1 minute' * 2 ^ least(attempts, $3 - 1)
            where id in (
              select id from exchange.outbox where sent_at is null and failed_at is null and next_at <= $1
              for update skip locked)
            """;

        var now = exchange.Clock.GetCurrentInstant();
        return await exchange.Database.Execute(Sql, [now.ToDateTimeUtc(), why, MostAttempts / 2], ct);
    }

    private static async Task<Outcome?> Next(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        const string Take = """
            select id, message_id, recipient, subject, body, attached, attempts
            from exchange.outbox
            where sent_at is null and failed_at is null and next_at <= $1
            order by next_at, id
            limit 1
            for update skip locked
            """;

        var now = exchange.Clock.GetCurrentInstant();
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        Message message;
        string messageId;
        int attempts;
        await using (var command = connection.Statement(Take, [now.ToDateTimeUtc()]))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            if (!await rows.ReadAsync(ct))
            {
                return null;
            }

            message = new(
                rows.GetString(0), rows.GetString(2), rows.GetString(3), rows.GetString(4),
                rows.IsDBNull(5) ? null : rows.GetString(5));
            (messageId, attempts) = (rows.GetString(1), rows.GetInt32(6) + 1);
        }

        var (outcome, why) = await Try(exchange, settings, message, messageId, attempts, ct);
        await Mark(connection, message.Id, outcome, attempts, why, now, ct);
        await transaction.CommitAsync(ct);
        return outcome;
    }

    private static async Task Mark(
        NpgsqlConnection connection, string id, Outcome outcome, int attempts, string? why, Instant now,
        CancellationToken ct)
    {
        const string Sql = """
            update exchange.outbox
            set attempts = $2, why = nullif($3, ''), next_at = $4,
                sent_at = case when $5 then $6 end, failed_at = case when $7 then $6 end
            where id = $1
            """;

        // A minute, two, four … and no more than six hours.
        var again = now + Duration.Min(Duration.FromMinutes(1L << int.Min(attempts - 1, 12)), Duration.FromHours(6));
        await connection.Execute(
            Sql,
            [
                id, attempts, why ?? "", again.ToDateTimeUtc(), outcome.Sent > 0, now.ToDateTimeUtc(),
                outcome.Failed > 0,
            ], ct);
    }

    private static async Task<(Outcome Outcome, string? Why)> Try(
        Composition exchange, MailSettings settings, Message message, string messageId, int attempts,
        CancellationToken ct)
    {
        if (!MailAddress.TryCreate(message.Recipient, out var to))
        {
            return (new(0, 1, 0), $"'{message.Recipient}' is not an address.");
        }

        try
        {
            using var mail = new MailMessage(settings.From, to)
            {
                Subject = message.Subject,
                Body = message.Body,
                BodyEncoding = System.Text.Encoding.UTF8,
            };
            mail.Headers.Add("Message-ID", messageId);
            mail.Headers.Add("Auto-Submitted", "auto-generated");
            if (message.Attached is { } number)
            {
                mail.Attachments.Add(new(
                    new MemoryStream(await PdfOfNumber.Run(
                        exchange.Sources, number, exchange.Clock.GetCurrentInstant(), ct)), $"{number}.pdf",
                    MediaTypeNames.Application.Pdf));
            }

            using var client = new SmtpClient(settings.Host, settings.Port)
            {
                EnableSsl = !settings.IsPlain,
                Credentials = settings.User is null ? null : new NetworkCredential(settings.User, settings.Password),
            };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            await client.SendMailAsync(mail, patience.Token);
            return (new(1, 0, 0), null);
        }
        catch (Exception e) when (e is SmtpException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            var isFinal = attempts >= MostAttempts ||
                e is SmtpFailedRecipientException { StatusCode: >= SmtpStatusCode.CommandUnrecognized };
            var why = e.InnerException?.Message ?? e.Message;
            return (isFinal ? new(0, 1, 0) : new(0, 0, 1, HasAnswered(e) ? null : why), why);
        }
    }

    /// <summary>Without an answer to one message the others would wait as long, each for itself.</summary>
    private static bool HasAnswered(Exception e) =>
        e is SmtpException smtp && smtp.StatusCode != SmtpStatusCode.GeneralFailure;
}
