using System.Text.Encodings.Web;
using Exchange.Portal.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Exchange.Portal.Web.Access;

/// <summary>Recognises programs by 'Authorization: Bearer KEY'.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, KeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        if (await keys.Recognise(header["Bearer ".Length..].Trim(), Context.RequestAborted) is not var (id, key))
        {
            return AuthenticateResult.Fail("The key is unknown or revoked.");
        }

        return AuthenticateResult.Success(new(Viewer.Of(id, key).ToPrincipal(Viewer.KeyScheme), Viewer.KeyScheme));
    }
}
