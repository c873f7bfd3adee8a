using System.Net.Http.Headers;
using System.Text;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>The provider's own description, believed when it is of the issuer that was named and leads nowhere in the
/// clear.</summary>
internal sealed class IdentityProvider(SignInSettings settings) : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var said = await OpenIdConnectConfigurationRetriever.GetAsync(address, retriever, cancel);
        if (said.Issuer?.TrimEnd('/') != settings.Issuer.ToString().TrimEnd('/'))
        {
            throw Bad($"The provider at {settings.Issuer} says that it is '{said.Issuer}'.");
        }

        foreach (var endpoint in (string[])[said.AuthorizationEndpoint, said.TokenEndpoint, said.JwksUri])
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var url) ||
                !(url.Scheme == Uri.UriSchemeHttps || url.IsLoopback))
            {
                throw Bad($"The provider's '{endpoint}' is not a URL that begins with https://.");
            }
        }

        return said;
    }

    /// <summary>Whether it takes the client's secret as HTTP Basic, which it does unless it says not.</summary>
    public static bool TakesBasic(OpenIdConnectConfiguration said) =>
        said.TokenEndpointAuthMethodsSupported is not { Count: > 0 } methods ||
        methods.Contains("client_secret_basic");

    /// <summary>Whether its answers name it, so that one that does not is somebody else's.</summary>
    public static bool NamesIssuer(OpenIdConnectConfiguration said) =>
        said.AuthorizationResponseIssParameterSupported;

    private static RefusedException Bad(string why) => new(new("sign-in/provider", why));
}

/// <summary>Adds the client's secret as HTTP Basic to what asks for tokens and does not hold it already.</summary>
internal sealed class SecretAsBasic(SignInSettings settings) : DelegatingHandler(new HttpClientHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && request.Content is FormUrlEncodedContent form &&
            !(await form.ReadAsStringAsync(cancellationToken)).Contains("client_secret=", StringComparison.Ordinal))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(
                Encoding.UTF8.GetBytes(
                    $"{Uri.EscapeDataString(settings.Client)}:{Uri.EscapeDataString(settings.Secret)}")));
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
