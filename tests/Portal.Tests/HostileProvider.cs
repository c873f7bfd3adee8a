using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Exchange.Portal.Tests;

/// <summary>An identity provider on loopback that says what a test tells it to say.</summary>
internal sealed class HostileProvider : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2_048);
    private readonly RSA _other = RSA.Create(2_048);
    private readonly Dictionary<string, (string Nonce, string Challenge)> _codes = [];
    private readonly WebApplication _app;
    private int _given;

    private HostileProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.First();

    /// <summary>Changes the claims of a token before it is signed.</summary>
    public Action<Dictionary<string, object>> Claims { get; set; } = _ => { };

    /// <summary>Changes what is signed, as it is written.</summary>
    public Func<string, string> Payload { get; set; } = payload => payload;

    /// <summary>Changes the token after it is signed.</summary>
    public Func<string, string> Token { get; set; } = token => token;
    public bool SignsWithAnotherKey { get; set; }
    public string Algorithm { get; set; } = "RS256";

    public static async Task<HostileProvider> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var provider = new HostileProvider(builder.Build());
        provider._app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = provider.Issuer,
            authorization_endpoint = $"{provider.Issuer}/authorize",
            token_endpoint = $"{provider.Issuer}/token",
            jwks_uri = $"{provider.Issuer}/jwks",
        }));
        provider._app.MapGet("/jwks", provider.Keys);
        provider._app.MapGet("/authorize", provider.Authorize);
        provider._app.MapPost("/token", (Delegate)provider.Exchange);
        await provider._app.StartAsync(Serving.Ct);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _other.Dispose();
    }

    private IResult Keys()
    {
        var key = _key.ExportParameters(false);
        return Results.Json(new
        {
            keys = new[]
            {
                new { kty = "RSA", kid = "one", use = "sig", n = Base64Url.EncodeToString(key.Modulus),
                    e = Base64Url.EncodeToString(key.Exponent) },
            },
        });
    }

    private IResult Authorize(HttpContext http)
    {
        var query = http.Request.Query;
        var code = $"code-{++_given}";
        _codes[code] = (query["nonce"].ToString(), query["code_challenge"].ToString());
        return Results.Redirect(QueryHelpers.AddQueryString(
            query["redirect_uri"].ToString(),
            new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"] }));
    }

    /// <summary>A code is taken once, and only from whoever began with its verifier.</summary>
    private async Task<IResult> Exchange(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        if (!_codes.Remove(form["code"].ToString(), out var asked) ||
            Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())))
                != asked.Challenge || http.Request.Headers.Authorization.Count == 0)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: (int)HttpStatusCode.BadRequest);
        }

        var now = SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = "exchange",
            ["sub"] = "u-1",
            ["exp"] = now + 300,
            ["iat"] = now,
            ["nonce"] = asked.Nonce,
            ["name"] = "Ada",
            ["email"] = "Ada@BU.edu",
            ["email_verified"] = true,
        };
        Claims(claims);
        return Results.Json(new { access_token = "x", token_type = "Bearer", id_token = Token(Sign(claims)) });
    }

    private string Sign(Dictionary<string, object> claims)
    {
        var head = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = Algorithm, kid = "one" }));
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Payload(JsonSerializer.Serialize(claims))));
        var signed = Encoding.ASCII.GetBytes($"{head}.{body}");
        var signature = Algorithm switch
        {
            "none" => [],
            // The public key, which everybody knows, taken for a shared secret.
            "HS256" => HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), signed),
            _ => (SignsWithAnotherKey ? _other : _key).SignData(
                signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{head}.{body}.{Base64Url.EncodeToString(signature)}";
    }
}
