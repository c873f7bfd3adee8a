using System.Text.Json;
using NodaTime;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>The identity provider as it describes itself: where to send people, where to ask, and its keys.</summary>
internal sealed class Provider(SignInSettings settings, HttpClient http, IClock clock) : IDisposable
{
    private static readonly Duration Fresh = Duration.FromHours(1);
    private static readonly Duration Between = Duration.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private Description? _described;

    /// <param name="TakesBasic">Whether it takes the client's secret as HTTP Basic, which it does unless it says
    /// not.</param>
    public sealed record Description(
        string Issuer, string Authorize, string Token, bool TakesBasic, bool NamesIssuer,
        IReadOnlyList<ProviderKey> Keys, Instant ReadAt);

    /// <param name="keyChanged">Whether a key is missing, so that they are to be read again.</param>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    /// <exception cref="RefusedException">What it says of itself is not right.</exception>
    public async Task<Description> Describe(bool keyChanged, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        if (_described is { } known && now - known.ReadAt < (keyChanged ? Between : Fresh))
        {
            return known;
        }

        await _one.WaitAsync(ct);
        try
        {
            if (_described is { } read && now - read.ReadAt < (keyChanged ? Between : Fresh))
            {
                return read;
            }

            return _described = await Read(now, ct);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        http.Dispose();
    }

    private async Task<Description> Read(Instant now, CancellationToken ct)
    {
        var issuer = settings.Issuer.ToString().TrimEnd('/');
        var said = await Json(new($"{issuer}/.well-known/openid-configuration"), ct);
        var claims = new Claims(said);
        if (claims.One("issuer")?.TrimEnd('/') != issuer)
        {
            throw Bad($"The provider at {issuer} says that it is '{claims.One("issuer")}'.");
        }

        var keys = await Json(Endpoint(claims, "jwks_uri"), ct);
        var methods = claims.All("token_endpoint_auth_methods_supported");
        return new(
            claims.One("issuer")!, Endpoint(claims, "authorization_endpoint").ToString(),
            Endpoint(claims, "token_endpoint").ToString(), methods.Count == 0 ||
                methods.Contains("client_secret_basic"),
            claims.One("authorization_response_iss_parameter_supported") == "true",
            keys.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Select(ProviderKey.Of).OfType<ProviderKey>()]
                : throw Bad("The provider shows no keys."), now);
    }

    private static Uri Endpoint(Claims claims, string name) =>
        Uri.TryCreate(claims.One(name), UriKind.Absolute, out var url) &&
        (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback)
            ? url
            : throw Bad($"The provider's '{name}' is not a URL that begins with https://.");

    private async Task<JsonElement> Json(Uri url, CancellationToken ct)
    {
        using var answer = await http.GetAsync(url, ct);
        answer.EnsureSuccessStatusCode();
        try
        {
            return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct)).RootElement;
        }
        catch (JsonException)
        {
            throw Bad($"{url} does not answer with JSON.");
        }
    }

    private static RefusedException Bad(string why) => new(new("sign-in/provider", why));
}
