using System.Buffers.Text;
using System.Security.Cryptography;
using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>
/// 'exchange webhooks add', a page and the API — registers an address that is told of what happens. The secret that
/// signs is shown this one time.
/// </summary>
/// <param name="landlord">Whose it is; null for the exchange's own.</param>
/// <param name="mayBePlain">Whether an address without TLS is taken: where private networks are allowed.</param>
/// <param name="permission">What whoever asks needs: people and keys register under different ones.</param>
internal sealed class RegisterWebhook(
    NpgsqlDataSource database, string url, LandlordId? landlord, IReadOnlyCollection<string> events, bool mayBePlain,
    string by, string permission = Permissions.KeepWebhooks) : ICommand<RegisterWebhook.New>
{
    private readonly string _secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A new webhook as its owner gets it: the secret that signs is shown this one time.</summary>
    public sealed record New(string Id, string Secret);

    public string Act => "webhook register";

    /// <summary>The new webhook's id.</summary>
    public string Target { get; } = $"w{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    public string Permission => permission;

    public async Task<New> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var webhook = await work.State(Webhook.Fold, Target, ct);
        if (await WebhookBook.CountOf(database, landlord, ct) >= Webhook.MaxOfOwner)
        {
            throw new RefusedException(Webhook.TooMany);
        }

        var registered = Webhook.Register(
            webhook, new(url, landlord, [.. events], by, now), mayBePlain).OrThrow();
        // The secret first: one without a webhook is nothing, and a webhook without one could sign nothing.
        await database.Execute(
            "insert into exchange.webhook_secret (webhook, secret) values ($1, $2) on conflict do nothing",
            [Target, _secret], ct);
        work.Append(Webhook.Fold.StreamOf(Target), registered);
        return new(Target, _secret);
    }
}
