using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Keys;

/// <summary>'exchange keys revoke', and a landlord's page — revokes an API key for ever.</summary>
/// <param name="keys">Which recognises it no more.</param>
internal sealed class RevokeKey(KeyRing keys, string id, string by) : ICommand<bool>
{
    public string Act => "keys revoke";
    public string Target => id;

    /// <summary>A landlord revokes its own; who looks after keys, any.</summary>
    public string Permission { get; init; } = CreateKey.Allowed;

    /// <returns>False when it was revoked before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var events = ApiKey.Revoke(await work.State(ApiKey.Fold, id, ct), by, now).OrThrow();
        work.Append(ApiKey.Fold.StreamOf(id), events);
        return events.Count > 0;
    }

    public Task Appended(bool result, CancellationToken ct)
    {
        keys.Forget(id);
        return Task.CompletedTask;
    }
}
