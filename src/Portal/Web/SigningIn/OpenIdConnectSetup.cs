using Exchange.Portal.Audit;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using NodaTime;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>
/// Signing in with an identity provider by the framework's own handler, which does the authorization code with PKCE,
/// the state and the nonce; what is added is every check that it leaves out, and telling people and the audit log.
/// </summary>
internal static class OpenIdConnectSetup
{
    public const string Scheme = "OpenIdConnect";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Add(AuthenticationBuilder authentication, SignInSettings settings)
    {
        authentication.Services.AddSingleton(settings);
        authentication.AddOpenIdConnect(Scheme, _ => { });
        authentication.Services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IClock>((oidc, clock) =>
        {
            Reach(oidc, settings);
            Ask(oidc, settings);
            IdTokenChecks.Demand(oidc.TokenValidationParameters, settings, clock);
            Believe(oidc.Events, settings, clock);
            oidc.Events.OnRemoteFailure = Failed;
            oidc.Events.OnTicketReceived = SignedIn;
        });
    }

    /// <summary>Whether the provider can be asked; why not, when it cannot.</summary>
    public static async Task<Refusal?> WhyNot(HttpContext http)
    {
        try
        {
            await Described(http.RequestServices
                .GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme), http.RequestAborted);
            return null;
        }
        catch (Exception e) when (Find(e) is { } refusal)
        {
            return refusal;
        }
    }

    private static void Reach(OpenIdConnectOptions oidc, SignInSettings settings)
    {
        var description = $"{settings.Issuer.ToString().TrimEnd('/')}/.well-known/openid-configuration";
        var http = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = 1 << 20 };
        oidc.Authority = settings.Issuer.ToString();
        oidc.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
            description, new IdentityProvider(settings),
            new HttpDocumentRetriever(http) { RequireHttps = !settings.Issuer.IsLoopback })
        {
            AutomaticRefreshInterval = TimeSpan.FromHours(1),
            RefreshInterval = TimeSpan.FromSeconds(5),
        };
        oidc.RequireHttpsMetadata = !settings.Issuer.IsLoopback;
        oidc.BackchannelHttpHandler = new SecretAsBasic(settings);
        oidc.BackchannelTimeout = Patience;
    }

    private static void Ask(OpenIdConnectOptions oidc, SignInSettings settings)
    {
        oidc.ClientId = settings.Client;
        oidc.ClientSecret = settings.Secret;
        oidc.CallbackPath = SignInSettings.CallbackPath;
        oidc.SignedOutCallbackPath = "/sign-in/signed-out";
        oidc.RemoteSignOutPath = PathString.Empty;
        oidc.SignInScheme = Viewer.SessionScheme;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
        oidc.MapInboundClaims = false;
        oidc.DisableTelemetry = true;
        oidc.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        foreach (var cookie in (CookieBuilder[])[oidc.CorrelationCookie, oidc.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.HttpOnly = true;
        }

        oidc.Scope.Clear();
        foreach (var scope in settings.Scopes)
        {
            oidc.Scope.Add(scope);
        }
    }

    private static void Believe(OpenIdConnectEvents events, SignInSettings settings, IClock clock)
    {
        events.OnRedirectToIdentityProvider = context =>
        {
            // Behind a proxy, people know this server under another address.
            if (settings.Address is { } address)
            {
                context.ProtocolMessage.RedirectUri = new Uri(address, SignInSettings.CallbackPath).ToString();
            }

            return Task.CompletedTask;
        };
        events.OnMessageReceived = async context =>
        {
            var said = await Described(context.Options, context.HttpContext.RequestAborted);
            var issuer = context.ProtocolMessage.Iss ?? "";
            if ((issuer.Length > 0 || IdentityProvider.NamesIssuer(said)) && issuer != said.Issuer)
            {
                throw IdTokenChecks.Refused("the answer is from another issuer");
            }
        };
        events.OnAuthorizationCodeReceived = async context =>
        {
            if (IdentityProvider.TakesBasic(await Described(context.Options, context.HttpContext.RequestAborted)))
            {
                context.TokenEndpointRequest!.ClientSecret = null; // It goes as HTTP Basic then.
            }
        };
        events.OnTokenResponseReceived = context =>
            IdTokenChecks.WhyNotLookedAt(context.TokenEndpointResponse.IdToken) is { } why
                ? throw IdTokenChecks.Refused(why)
                : Task.CompletedTask;
        events.OnTokenValidated = context =>
        {
            var claims = IdTokenChecks.Claims(context.SecurityToken.RawPayload, settings, clock);
            var viewer = settings.ViewerOf(claims) ?? throw new RefusedException(new(
                "sign-in/nobody-here",
                "Your organization knows you, but nothing here is yours yet: no role and no verified address of a " +
                "PI."));
            context.Principal = viewer.ToPrincipal(Viewer.SessionScheme);
            return Task.CompletedTask;
        };
    }

    private static Task<OpenIdConnectConfiguration> Described(OpenIdConnectOptions oidc, CancellationToken ct) =>
        oidc.ConfigurationManager!.GetConfigurationAsync(ct);

    private static async Task SignedIn(TicketReceivedContext context)
    {
        var (http, viewer) = (context.HttpContext, Viewer.Of(context.Principal!)!);
        if (!http.RequestServices.GetRequiredService<SignInLimits>().TryPerson(viewer.Actor))
        {
            await SignInLimits.TooMany(http, "You signed in too often. Try again in a minute.");
            context.HandleResponse();
            return;
        }

        await http.RequestServices.GetRequiredService<AuditLog>().Note(
            viewer.Actor, "sign in", http.RequestServices.GetRequiredService<SignInSettings>().Issuer.Host, "done",
            AuthorizationResults.Origin(http), http.RequestAborted);
    }

    private static async Task Failed(RemoteFailureContext context)
    {
        var refusal = Find(context.Failure) ?? new Refusal(
            "sign-in/not-believed",
            "The sign-in was not finished, or it is not one that began in this browser. Start again.");
        var http = context.HttpContext;
        http.RequestServices.GetRequiredService<ILogger<OpenIdConnectHandler>>().LogWarning(
            "Nobody was signed in: {Why}", Innermost(context.Failure));
        await http.RequestServices.GetRequiredService<AuditLog>().NoteRefusal(
            RefusalCounts.Stranger, "sign in", http.Request.Path, refusal.Code, AuthorizationResults.Origin(http),
                http.RequestAborted);
        await Problem.Of(refusal, refusal.Code == "sign-in/nobody-here" ? 403 : 401).ExecuteAsync(http);
        context.HandleResponse();
    }

    private static string Innermost(Exception? e) =>
        e?.InnerException is { } inner ? Innermost(inner) : e?.Message ?? "no reason was given";

    private static Refusal? Find(Exception? e) => e switch
    {
        null => null,
        RefusedException refused => refused.Refusal,
        HttpRequestException or TaskCanceledException => new(
            "sign-in/provider", "The identity provider does not answer. Try again in a moment."),
        _ => Find(e.InnerException),
    };
}
