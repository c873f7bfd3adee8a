using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>'exchange webhooks remove', a page and the API — removes a webhook and its secret.</summary>
/// <param name="owner">Whose it must be: another's is unknown to them.</param>
/// <param name="permission">What whoever asks needs: people and keys remove under different ones.</param>
internal sealed class RemoveWebhook(
    NpgsqlDataSource database, string id, LandlordId? owner, string by, string permission = Permissions.KeepWebhooks)
    : ICommand<bool>
{
    public string Act => "webhook remove";
    public string Target => id;
    public string Permission => permission;

    /// <returns>False when it was removed before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var webhook = await work.State(Webhook.Fold, id, ct);
        var events = Webhook.Remove(
            webhook is Webhook.Live live && live.Landlord != owner ? new Webhook.Absent() : webhook, by, now).OrThrow();
        work.Append(Webhook.Fold.StreamOf(id), events);
        return events.Count > 0;
    }

    public Task Appended(bool result, CancellationToken ct) =>
        database.Execute("delete from exchange.webhook_secret where webhook = $1", [id], ct);
}
