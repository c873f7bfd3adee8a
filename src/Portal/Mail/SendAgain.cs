using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>A page's 'Send again' — a message that went, or was refused for good, waits once more.</summary>
internal sealed class SendAgain(NpgsqlDataSource database, string id) : ICommand<bool>
{
    public string Act => "mail again";
    public string Target => id;
    public string Permission => Permissions.SendMail;

    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.outbox
            set attempts = 0, next_at = $2, sent_at = null, failed_at = null, why = null
            where id = $1 and (sent_at is not null or failed_at is not null)
            """;

        return await database.Execute(Sql, [id, now], ct) == 1 ? true
            : throw new RefusedException(new("mail/unknown", "No message of this id went or was given up."));
    }
}
