using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>'exchange webhooks replay', a page and the API — tells a webhook again what it was told.</summary>
/// <param name="owner">Whose it must be: another's is unknown to them.</param>
/// <param name="permission">What whoever asks needs: people and keys ask under different ones.</param>
internal sealed class ReplayWebhook(
    NpgsqlDataSource database, string id, LandlordId? owner, long after, string permission = Permissions.KeepWebhooks)
    : ICommand<int>
{
    public string Act => "webhook replay";
    public string Target => id;
    public string Permission => permission;

    /// <returns>How many events are told again.</returns>
    public async Task<int> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        const string Sql = """
            update exchange.webhook_outcome o
            set done_at = null, attempts = 0, next_at = $3
            where o.webhook = $1 and o.position > $2
            """;

        return await work.State(Webhook.Fold, id, ct) is Webhook.Live live && live.Landlord == owner
            ? await database.Execute(Sql, [id, after, now], ct)
            : throw new RefusedException(Webhook.Unknown);
    }
}
