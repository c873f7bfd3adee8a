using System.Buffers.Text;
using System.Security.Cryptography;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Keys;

/// <summary>'exchange keys create', and a landlord's page — makes an API key, and shows it this one time.</summary>
/// <param name="landlord">Whose key it is; null for the exchange's own.</param>
internal sealed class CreateKey(string name, LandlordId? landlord, KeyScope scope, string by) : ICommand<KeyRing.New>
{
    /// <summary>What whoever makes or revokes a key needs.</summary>
    public const string Allowed = "keep keys";

    private readonly string _secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string Act => "keys create";

    /// <summary>The new key's id.</summary>
    public string Target { get; } = $"k{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    public string Permission => Allowed;

    /// <summary>Of whose people alone it reads; null for everybody's.</summary>
    public string? Institution { get; init; }

    public async Task<KeyRing.New> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var key = await work.State(ApiKey.Fold, Target, ct);
        work.Append(
            ApiKey.Fold.StreamOf(Target),
            ApiKey.Create(key, new(name, landlord, scope, KeyRing.Hash(_secret), by, now, Institution)).OrThrow());
        return new(Target, $"exchange_{Target}_{_secret}");
    }
}
