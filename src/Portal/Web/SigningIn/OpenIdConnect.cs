using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using NodaTime;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>
/// OpenID Connect over the framework's OAuth handler, which does the authorization code with PKCE and the state; what
/// is added is the provider's own description, the nonce, and every check of the ID token.
/// </summary>
internal sealed class OpenIdConnect(
    IOptionsMonitor<OAuthOptions> options, ILoggerFactory logs, UrlEncoder encoder, Provider provider,
    SignInSettings settings, IClock clock)
    : OAuthHandler<OAuthOptions>(options, logs, encoder)
{
    public const string Name = "OpenIdConnect";

    private const string Nonce = "exchange.nonce";

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await Load();
        await base.HandleChallengeAsync(properties);
    }

    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        var described = await Load();
        var issuer = Request.Query["iss"].ToString();
        return (issuer.Length > 0 || described.NamesIssuer) && issuer != described.Issuer
            ? HandleRequestResult.Fail(Refused("the answer is from another issuer"))
            : await base.HandleRemoteAuthenticateAsync();
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        properties.Items[Nonce] = nonce; // It travels sealed in the state; the provider puts it into the token.
        return QueryHelpers.AddQueryString(base.BuildChallengeUrl(properties, Own(redirectUri)), "nonce", nonce);
    }

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        var described = await provider.Describe(keyChanged: false, Context.RequestAborted);
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = context.Code,
            ["redirect_uri"] = Own(context.RedirectUri),
            ["client_id"] = settings.Client,
        };
        if (context.Properties.Items.Remove(OAuthConstants.CodeVerifierKey, out var verifier))
        {
            form[OAuthConstants.CodeVerifierKey] = verifier!;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, described.Token);
        request.Headers.Accept.ParseAdd("application/json");
        if (described.TakesBasic)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(
                Encoding.UTF8.GetBytes(
                    $"{Uri.EscapeDataString(settings.Client)}:{Uri.EscapeDataString(settings.Secret)}")));
        }
        else
        {
            form["client_secret"] = settings.Secret;
        }

        request.Content = new FormUrlEncodedContent(form);
        using var answer = await Backchannel.SendAsync(request, Context.RequestAborted);
        var text = await answer.Content.ReadAsStringAsync(Context.RequestAborted);
        try
        {
            return answer.IsSuccessStatusCode
                ? OAuthTokenResponse.Success(JsonDocument.Parse(text))
                : OAuthTokenResponse.Failed(Refused($"the provider does not take the code ({(int)answer.StatusCode})"));
        }
        catch (JsonException)
        {
            return OAuthTokenResponse.Failed(Refused("the provider does not answer with JSON"));
        }
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(
        ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        if (!properties.Items.Remove(Nonce, out var nonce) || nonce is null ||
            !tokens.Response!.RootElement.TryGetProperty("id_token", out var token) ||
            token.ValueKind != JsonValueKind.String)
        {
            throw Refused("the provider sent no ID token");
        }

        var (claims, why) = await Check(token.GetString()!, nonce, keyChanged: false);
        if (claims is null && why!.Contains("signed by", StringComparison.Ordinal))
        {
            (claims, why) = await Check(token.GetString()!, nonce, keyChanged: true); // It may have new keys.
        }

        if (claims is null)
        {
            throw Refused(why!);
        }

        var viewer = settings.ViewerOf(claims) ?? throw new RefusedException(new(
            "sign-in/nobody-here",
            "Your organisation knows you, but nothing here is yours yet: no role and no verified address of a PI."));
        return new(viewer.ToPrincipal(Viewer.SessionScheme), properties, Scheme.Name);
    }

    private async Task<(Claims? Claims, string? Why)> Check(string token, string nonce, bool keyChanged)
    {
        var described = await provider.Describe(keyChanged, Context.RequestAborted);
        return IdToken.Check(
            token, described.Keys, new(described.Issuer, settings.Client, nonce, clock.GetCurrentInstant()));
    }

    private async Task<Provider.Description> Load()
    {
        var described = await provider.Describe(keyChanged: false, Context.RequestAborted);
        Options.AuthorizationEndpoint = described.Authorize;
        Options.TokenEndpoint = described.Token;
        return described;
    }

    /// <summary>Behind a proxy, people know this server under another address.</summary>
    private string Own(string redirectUri) => settings.Address is { } address
        ? new Uri(address, new Uri(redirectUri).AbsolutePath).ToString()
        : redirectUri;

    private static RefusedException Refused(string why) => new(new(
        "sign-in/not-believed", $"The sign-in is not believed: {why}. Start again; if it stays so, tell the " +
        "operator."));
}
