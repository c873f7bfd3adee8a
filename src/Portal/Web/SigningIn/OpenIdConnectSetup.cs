using Exchange.Portal.Audit;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>Sets up the sign-in with an identity provider, and tells people and the audit log when it fails.</summary>
internal static class OpenIdConnectSetup
{
    public static void Add(AuthenticationBuilder authentication, SignInSettings settings)
    {
        authentication.Services.AddSingleton(settings).AddSingleton(services => new Provider(
            settings, new HttpClient { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1 << 20 },
            services.GetRequiredService<NodaTime.IClock>()));
        authentication.AddOAuth<OAuthOptions, OpenIdConnect>(OpenIdConnect.Name, oauth =>
        {
            oauth.ClientId = settings.Client;
            oauth.ClientSecret = settings.Secret;
            oauth.CallbackPath = SignInSettings.CallbackPath;
            oauth.SignInScheme = Viewer.SessionScheme;
            oauth.UsePkce = true;
            oauth.AuthorizationEndpoint = settings.Issuer.ToString(); // What the provider says replaces these.
            oauth.TokenEndpoint = settings.Issuer.ToString();
            oauth.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
            oauth.BackchannelTimeout = TimeSpan.FromSeconds(10);
            oauth.CorrelationCookie.SameSite = SameSiteMode.Lax;
            oauth.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oauth.CorrelationCookie.HttpOnly = true;
            foreach (var scope in settings.Scopes)
            {
                oauth.Scope.Add(scope);
            }

            oauth.Events.OnRemoteFailure = Failed;
            oauth.Events.OnTicketReceived = context =>
            {
                var audit = context.HttpContext.RequestServices.GetRequiredService<AuditLog>();
                var viewer = Viewer.Of(context.Principal!)!;
                return audit.Note(
                    viewer.Actor, "sign in", settings.Issuer.Host, "done", Gate.Origin(context.HttpContext),
                    context.HttpContext.RequestAborted);
            };
        });
    }

    private static async Task Failed(RemoteFailureContext context)
    {
        var refusal = Find(context.Failure) ?? new Refusal(
            "sign-in/not-believed",
            "The sign-in was not finished, or it is not one that began in this browser. Start again.");
        var http = context.HttpContext;
        http.RequestServices.GetRequiredService<ILogger<OpenIdConnect>>().LogWarning(
            "Nobody was signed in: {Why}", Innermost(context.Failure));
        await http.RequestServices.GetRequiredService<AuditLog>().NoteRefusal(
            RefusalCounts.Stranger, "sign in", http.Request.Path, refusal.Code, Gate.Origin(http), http.RequestAborted);
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
