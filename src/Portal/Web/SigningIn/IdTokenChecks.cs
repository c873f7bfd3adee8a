using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using NodaTime;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>
/// What the framework's handler takes for granted of an ID token that came straight from its provider, and we do not:
/// that it is signed with a key of the provider, for this client alone, and not from the future.
/// </summary>
internal static class IdTokenChecks
{
    private const int MaxLength = 64 << 10;
    private const int MinRsaBits = 2_048;
    private static readonly Duration Skew = Duration.FromMinutes(1);

    /// <summary>Only what is signed with a private key counts: neither 'none' nor a shared secret.</summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"];

    public static void Demand(TokenValidationParameters token, SignInSettings settings, IClock clock)
    {
        token.ValidAudience = settings.Client;
        token.ValidAlgorithms = Algorithms;
        token.RequireSignedTokens = true;
        token.RequireExpirationTime = true;
        token.ValidateIssuerSigningKey = true;
        token.IssuerSigningKeyValidator = (key, _, _) => key is not SymmetricSecurityKey &&
            (key.KeySize >= MinRsaBits || key is ECDsaSecurityKey or JsonWebKey { Kty: "EC" });
        token.LifetimeValidator = (from, until, _, _) => until is { } end && IsAfter(end, clock, -Skew) &&
            (from is null || !IsAfter(from.Value, clock, Skew));
    }

    /// <summary>Why a token, as its provider sent it, is not looked at any further; null when it may be.</summary>
    public static string? WhyNotLookedAt(string? token)
    {
        if (token is null || token.Length > MaxLength || token.Split('.') is not [var head, _, { Length: > 0 }] ||
            Json(head) is not { } header)
        {
            return "the provider sent no ID token that is signed";
        }

        return !Algorithms.Contains(header.One("alg")) || header.Payload.TryGetProperty("crit", out _)
            ? "the ID token is not signed by its provider" : null;
    }

    /// <summary>What a token says that was found to be signed by its provider and in time.</summary>
    /// <exception cref="RefusedException">It is not for this client, or not from now.</exception>
    public static TokenClaims Claims(string payload, SignInSettings settings, IClock clock)
    {
        var claims = Json(payload) ?? throw Refused("the ID token says nothing");
        return WhyNot(claims, settings.Client, clock) is { } why ? throw Refused(why) : claims;
    }

    public static RefusedException Refused(string why) => new(new(
        "sign-in/not-believed",
        $"The sign-in is not believed: {why}. Start again; if it stays so, tell the operator."));

    private static string? WhyNot(TokenClaims claims, string client, IClock clock) =>
        claims.All("aud").Count > 1 && claims.One("azp") != client ? "the ID token is for several clients"
        : claims.One("azp") is { } party && party != client ? "the ID token was asked for by another client"
        : IssuedAt(claims) is not { } at || at - Skew > clock.GetCurrentInstant() ? "the ID token is from the future"
        : string.IsNullOrWhiteSpace(claims.One("sub")) ? "the ID token names nobody"
        : null;

    private static Instant? IssuedAt(TokenClaims claims) =>
        claims.Payload.TryGetProperty("iat", out var value) && value.ValueKind == JsonValueKind.Number &&
        value.TryGetDecimal(out var seconds) && seconds is > 0 and < 100_000_000_000
            ? Instant.FromUnixTimeSeconds((long)seconds)
            : null;

    private static bool IsAfter(DateTime utc, IClock clock, Duration by) =>
        Instant.FromDateTimeUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc)) > clock.GetCurrentInstant() + by;

    private static TokenClaims? Json(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            var json = JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
            return json.ValueKind == JsonValueKind.Object && NamesInObjects.Wrong(json) is null ? new(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
