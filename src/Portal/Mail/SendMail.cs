using Exchange.Invoicing;
using Exchange.Journal;
using MailKit;
using MailKit.Net.Smtp;
using MimeKit;
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
    private const int MaxAttempts = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What became of the messages that were due.</summary>
    /// <param name="Why">What was wrong with the server, so that the run ended early; null when nothing was.</param>
    public sealed record MailSent(int Sent, int Failed, int Deferred, string? Why = null);

    public static async Task<MailSent> Run(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        var outcome = new MailSent(0, 0, 0);
        if (!await IsAnyDue(exchange, ct))
        {
            return outcome;
        }

        var (server, fault) = await MailServer.Open(settings, MailServer.Patience, ct);
        if (server is null)
        {
            return outcome with { Deferred = await DeferAll(exchange, fault!, ct), Why = fault };
        }

        try
        {
            while (server is not null && await Next(exchange, settings, server, ct) is { } done)
            {
                outcome = new(
                    outcome.Sent + done.Sent, outcome.Failed + done.Failed, outcome.Deferred + done.Deferred,
                    done.Why);
                if (outcome.Why is not null)
                {
                    break;
                }

                if (!server.IsOpen)
                {
                    (server, fault) = await Reopen(server!, settings, ct);
                    outcome = outcome with { Why = fault };
                }
            }

            return outcome;
        }
        finally
        {
            await (server?.Close(CancellationToken.None) ?? Task.CompletedTask)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // What it took, it took.
        }
    }

    private static Task<(MailServer? Server, string? Fault)> Reopen(
        MailServer server, MailSettings settings, CancellationToken ct)
    {
        server.Dispose();
        return MailServer.Open(settings, MailServer.Patience, ct);
    }

    private static async Task<bool> IsAnyDue(Composition exchange, CancellationToken ct)
    {
        const string Sql = """
            select exists (
              select from exchange.outbox where sent_at is null and failed_at is null and next_at <= $1)
            """;

        var now = exchange.Clock.GetCurrentInstant();
        await using var command = exchange.Database.Statement(Sql, [now]);
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
        return await exchange.Database.Execute(Sql, [now, why, MaxAttempts / 2], ct);
    }

    private static async Task<MailSent?> Next(
        Composition exchange, MailSettings settings, MailServer server, CancellationToken ct)
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
        await using (var command = connection.Statement(Take, [now]))
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

        var (outcome, why) = await Try(
            exchange, server, message, new(settings.From, messageId, attempts, now), ct);
        if (outcome is not { Sent: 0, Failed: 0, Deferred: 0 })
        {
            await Mark(connection, message.Id, outcome, attempts, why, now, ct);
        }

        await transaction.CommitAsync(ct);
        return outcome;
    }

    private static async Task Mark(
        NpgsqlConnection connection, string id, MailSent outcome, int attempts, string? why, Instant now,
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
                id, attempts, why ?? "", again, outcome.Sent > 0, now,
                outcome.Failed > 0,
            ], ct);
    }

    /// <summary>From whom a message goes, under which id, for the how many-th time, and when.</summary>
    private sealed record Envelope(
        System.Net.Mail.MailAddress From, string MessageId, int Attempts, Instant At);

    private static async Task<(MailSent Outcome, string? Why)> Try(
        Composition exchange, MailServer server, Message message, Envelope envelope, CancellationToken ct)
    {
        if (!System.Net.Mail.MailAddress.TryCreate(message.Recipient, out var to))
        {
            return (new(0, 1, 0), $"'{message.Recipient}' is not an address.");
        }

        try
        {
            using var mail = await Written(exchange, message, envelope, to, ct);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            await server.Send(mail, patience.Token);
            return (new(1, 0, 0), null);
        }
        catch (Exception e) when (e is SmtpCommandException or SmtpProtocolException or IOException
            or ServiceNotConnectedException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // Many servers take so many messages and hang up: the next conversation goes on with this one.
            if (server.Sent > 0 && !server.IsOpen && !server.MayHaveTaken)
            {
                return (new(0, 0, 0), e.Message);
            }

            var isFinal = envelope.Attempts >= MaxAttempts || e is SmtpCommandException
            {
                ErrorCode: SmtpErrorCode.RecipientNotAccepted, StatusCode: >= SmtpStatusCode.CommandUnrecognized,
            };
            var hasAnswered = e is SmtpCommandException; // Without an answer the others would wait as long, each.
            return (isFinal ? new(0, 1, 0) : new(0, 0, 1, hasAnswered ? null : e.Message), e.Message);
        }
    }

    private static async Task<MimeMessage> Written(
        Composition exchange, Message message, Envelope envelope, System.Net.Mail.MailAddress to, CancellationToken ct)
    {
        var body = new BodyBuilder { TextBody = message.Body };
        if (message.Attached is { } number)
        {
            body.Attachments.Add(
                $"{number}.pdf", await PdfOfNumber.Run(exchange.Sources, number, envelope.At, ct),
                new ContentType("application", "pdf"));
        }

        var mail = new MimeMessage
        {
            Subject = message.Subject,
            Body = body.ToMessageBody(),
            MessageId = envelope.MessageId.Trim('<', '>'),
            Date = envelope.At.ToDateTimeOffset(),
        };
        mail.From.Add(new MailboxAddress(envelope.From.DisplayName, envelope.From.Address));
        mail.To.Add(new MailboxAddress(to.DisplayName, to.Address));
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return mail;
    }
}
