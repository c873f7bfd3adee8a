using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>What a token says of somebody.</summary>
internal sealed record Claims(JsonElement Payload)
{
    /// <summary>The claim as text; null when it is absent or is not one value.</summary>
    public string? One(string claim) => Payload.TryGetProperty(claim, out var value) ? Word(value) : null;

    /// <summary>The values of a claim that is one value or a list.</summary>
    public IReadOnlyList<string> All(string claim) => !Payload.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Word).OfType<string>()]
        : Word(value) is { } one ? [one] : [];

    private static string? Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}

/// <summary>A public key of an identity provider: its name, and what it verifies.</summary>
internal sealed record ProviderKey(string? Id, RSA? Rsa, ECDsa? Curve)
{
    /// <summary>Null for a key of a kind that signs nothing here.</summary>
    public static ProviderKey? Of(JsonElement jwk)
    {
        if (Text(jwk, "use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" => new(Text(jwk, "kid"), RSA.Create(new RSAParameters
                {
                    Modulus = Bytes(jwk, "n"),
                    Exponent = Bytes(jwk, "e"),
                }), null),
                "EC" => new(Text(jwk, "kid"), null, ECDsa.Create(new ECParameters
                {
                    Curve = Text(jwk, "crv") switch
                    {
                        "P-256" => ECCurve.NamedCurves.nistP256,
                        "P-384" => ECCurve.NamedCurves.nistP384,
                        _ => throw new CryptographicException("unknown curve"),
                    },
                    Q = new() { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") },
                })),
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Only what was signed with a private key counts: neither 'none' nor a shared secret.</summary>
    public bool Verifies(string algorithm, byte[] signed, byte[] signature) => (algorithm, Rsa, Curve) switch
    {
        ("RS256", { } rsa, _) => Is(rsa, signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ("RS384", { } rsa, _) => Is(rsa, signed, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        ("RS512", { } rsa, _) => Is(rsa, signed, signature, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        ("PS256", { } rsa, _) => Is(rsa, signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        ("ES256", _, { } curve) => curve.VerifyData(signed, signature, HashAlgorithmName.SHA256),
        ("ES384", _, { } curve) => curve.VerifyData(signed, signature, HashAlgorithmName.SHA384),
        _ => false,
    };

    private static bool Is(
        RSA rsa, byte[] signed, byte[] signature, HashAlgorithmName hash, RSASignaturePadding padding) =>
        rsa.KeySize >= 2_048 && rsa.VerifyData(signed, signature, hash, padding);

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] Bytes(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(Text(jwk, name) ?? throw new FormatException($"'{name}' is missing."));
}

/// <summary>What an ID token must be to be believed.</summary>
internal sealed record Expected(string Issuer, string Client, string Nonce, Instant Now);

/// <summary>Checks an ID token: who signed it, who it is from, for whom, for which sign-in, and until when.</summary>
internal static class IdToken
{
    private const int Longest = 64 << 10;
    private static readonly Duration Skew = Duration.FromMinutes(1);

    /// <returns>The claims, or why the token is not believed.</returns>
    public static (Claims? Claims, string? Why) Check(string token, IReadOnlyList<ProviderKey> keys, Expected expected)
    {
        if (token.Length > Longest || token.Split('.') is not [var head, var body, var sign] ||
            !TryJson(head, out var header) || !TryJson(body, out var payload) || !Base64Url.IsValid(sign))
        {
            return (null, "the ID token is not a signed token");
        }

        var claims = new Claims(payload);
        var (algorithm, key) = (new Claims(header).One("alg") ?? "", new Claims(header).One("kid"));
        var signed = Encoding.ASCII.GetBytes($"{head}.{body}");
        var signature = Base64Url.DecodeFromChars(sign);
        if (header.TryGetProperty("crit", out _) ||
            !keys.Any(k => (key is null || k.Id is null || k.Id == key) && k.Verifies(algorithm, signed, signature)))
        {
            return (null, "the ID token is not signed by its provider");
        }

        return Wrong(claims, expected) is { } why ? (null, why) : (claims, null);
    }

    private static string? Wrong(Claims claims, Expected expected) =>
        claims.One("iss") != expected.Issuer ? "the ID token is from another issuer"
        : !claims.All("aud").Contains(expected.Client) ? "the ID token is for another client"
        : claims.All("aud").Count > 1 && claims.One("azp") != expected.Client ? "the ID token is for several clients"
        : claims.One("azp") is { } party && party != expected.Client ? "the ID token was asked for by another client"
        : At(claims, "exp") is not { } until || until + Skew <= expected.Now ? "the ID token is expired"
        : At(claims, "iat") is not { } at || at - Skew > expected.Now ? "the ID token is from the future"
        : At(claims, "nbf") is { } from && from - Skew > expected.Now ? "the ID token is not valid yet"
        : !Same(claims.One("nonce"), expected.Nonce) ? "the ID token belongs to another sign-in"
        : string.IsNullOrWhiteSpace(claims.One("sub")) ? "the ID token names nobody"
        : null;

    private static bool Same(string? left, string right) => left is not null && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static Instant? At(Claims claims, string claim) =>
        claims.Payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number &&
        value.TryGetDecimal(out var seconds) && seconds is > 0 and < 100_000_000_000
            ? Instant.FromUnixTimeSeconds((long)seconds)
            : null;

    private static bool TryJson(string part, out JsonElement json)
    {
        json = default;
        if (!Base64Url.IsValid(part))
        {
            return false;
        }

        try
        {
            json = JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
            return json.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
