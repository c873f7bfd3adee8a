using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Portal.Keys;

/// <summary>What a key opens: sending usage, price sheets, reading, or accounts and payments.</summary>
internal enum KeyScope
{
    Usage,
    Prices,
    Read,
    Finance,
}

/// <summary>Everything that can happen to an API key. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Created), "api-key-created/1")]
[JsonDerivedType(typeof(Revoked), "api-key-revoked/1")]
internal abstract record ApiKeyEvent
{
    private ApiKeyEvent() { }

    /// <param name="Landlord">Whose key it is; null for the exchange's own, which sees every landlord.</param>
    /// <param name="Institution">Of whose people alone it reads; null for everybody's.</param>
    /// <param name="Sha256">The hash of the key's secret; the secret itself is shown once and kept nowhere.</param>
    public sealed record Created(
        string Name, LandlordId? Landlord, KeyScope Scope, string Sha256, string By, Instant At,
        string? Institution = null) : ApiKeyEvent;

    public sealed record Revoked(string By, Instant At) : ApiKeyEvent;
}

/// <summary>A key is made once, opens one scope of one landlord, and is revoked for ever.</summary>
internal abstract record ApiKey
{
    private ApiKey() { }

    public sealed record Absent : ApiKey;
    public sealed record Valid(string Name, LandlordId? Landlord, KeyScope Scope, string Sha256, string? Institution)
        : ApiKey;
    public sealed record Revoked : ApiKey;

    public static readonly Fold<ApiKey, ApiKeyEvent> Fold = new("key", new Absent(), Evolve);

    private static ApiKey Evolve(ApiKey key, ApiKeyEvent happened) => (key, happened) switch
    {
        (Absent, ApiKeyEvent.Created e) => new Valid(e.Name, e.Landlord, e.Scope, e.Sha256, e.Institution),
        (Valid, ApiKeyEvent.Revoked) => new Revoked(),
        _ => throw new CorruptStreamException(key, happened),
    };

    /// <param name="asked">The key as it is to be.</param>
    public static Decision<ApiKeyEvent> Create(ApiKey key, ApiKeyEvent.Created asked) => key switch
    {
        Valid valid when valid.Sha256 == asked.Sha256 => [],
        not Absent => new Refusal("key/taken", "A key of this id was made before. Make another."),
        _ when !Exchange.Name.IsOne(asked.Name) => new Refusal(
            "key/bad-name",
            $"A key's name has 1 to {Exchange.Name.MaxLength} characters, none of them control characters."),
        _ when asked is { Institution: not null } and not { Landlord: null, Scope: KeyScope.Read } => new Refusal(
            "key/reads-only",
            "A key of an institution reads, at every landlord. Make it with '--scope read' and without '--landlord'."),
        _ when asked is { Landlord: not null, Scope: KeyScope.Finance } => new Refusal(
            "key/no-landlord",
            "Accounts and payments are the exchange's own. Make a finance key with '--landlord *'."),
        _ when asked is { Landlord: null, Scope: not (KeyScope.Read or KeyScope.Finance) } => new Refusal(
            "key/needs-landlord",
            "A key that writes belongs to one landlord. Name it with --landlord; '*' is for read and finance keys."),
        _ => [asked],
    };

    public static Decision<ApiKeyEvent> Revoke(ApiKey key, string by, Instant now) => key switch
    {
        Valid => [new ApiKeyEvent.Revoked(by, now)],
        Revoked => [],
        _ => new Refusal("key/unknown", "There is no key of this id. See 'exchange keys list'."),
    };
}
