using Exchange.Portal.Audit;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.SigningIn;
using Microsoft.AspNetCore.Authentication;

namespace Exchange.Portal.Pages;

/// <summary>/sign-in and /sign-out. In a demonstration on this machine a visitor picks who to be.</summary>
public sealed partial class SignIn
{
    /// <summary>How one signs in: with a provider, or as one of the people of a demonstration.</summary>
    public sealed record Ways(string? Provider, IReadOnlyList<(string Id, string Name, string What)> People);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sign-in", Show).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/sign-in/start", Begin).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(SignInLinks.Path + "{secret}", ByLink).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-in", Enter).AllowAnonymous().ChecksForm().Makes().ExcludeFromDescription();
        app.MapPost("/sign-out", Leave).RequireAuthorization(Permissions.BeSignedIn).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static IResult Show(HttpContext http, ServerOptions options)
    {
        var people = options.SignIn is null && Persona.AreOffered(http) ? options.Personas : [];
        return Page.Of<SignIn, Ways>(
            http, people.Count > 0 ? "Who would you like to be?" : "Sign in", new(
                options.SignIn?.Issuer.Host,
                [.. people.Select(person => (person.Id, person.Viewer.Name, person.What))]));
    }

    private static async Task<IResult> Begin(HttpContext http, ServerOptions options) =>
        options.SignIn is null ? Results.Redirect("/sign-in")
        : await OpenIdConnectSetup.WhyNot(http) is { } refusal
            ? Problem.Of(refusal, StatusCodes.Status503ServiceUnavailable)
        : Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectSetup.Scheme]);

    private static async Task<IResult> ByLink(
        HttpContext http, SignInLinks links, AuditLog audit, string secret, CancellationToken ct)
    {
        if (!PublicAddress.IsThisMachine(http))
        {
            return await Refused(new("access/not-this-machine", "A link signs in on the machine itself only."));
        }

        if (await links.Use(secret, ct) is not { } viewer)
        {
            return await Refused(new(
                "access/no-such-link",
                "This link was used, is too old or was never made. 'exchange sign-in-link' makes another."));
        }

        await audit.Note(viewer.Actor, "sign in", "link", "done", AuthorizationResults.Origin(http), ct);
        await http.SignInAsync(Viewer.SessionScheme, viewer.ToPrincipal(Viewer.SessionScheme));
        return Results.Redirect("/");

        async Task<IResult> Refused(Refusal refusal)
        {
            await audit.NoteRefusal(
                RefusalCounts.Stranger, "sign in", "link", refusal.Code, AuthorizationResults.Origin(http), ct);
            return Problem.Of(refusal, StatusCodes.Status403Forbidden);
        }
    }

    private static async Task<IResult> Enter(HttpContext http, ServerOptions options, AuditLog audit,
        CancellationToken ct)
    {
        if (!Persona.AreOffered(http))
        {
            return Problem.Of(new("access/no-personas", "Personas exist in the demonstration only."), 403);
        }

        var form = await http.Request.ReadFormAsync(ct);
        var wanted = form["persona"].ToString();
        if (options.Personas.FirstOrDefault(p => p.Id == wanted) is not { } person)
        {
            return Problem.Of(new("access/no-such-persona", "There is no such person in this demonstration."), 400);
        }

        await audit.Note(person.Viewer.Actor, "sign in", person.Id, "done", AuthorizationResults.Origin(http), ct);
        await http.SignInAsync(Viewer.SessionScheme, person.Viewer.ToPrincipal(Viewer.SessionScheme));
        return Results.Redirect("/");
    }

    private static async Task<IResult> Leave(
        HttpContext http, AuditLog audit, Sessions sessions, CancellationToken ct)
    {
        await audit.Note(Viewer.Needed(http).Actor, "sign out", "", "done", AuthorizationResults.Origin(http), ct);
        await sessions.End(http, ct);
        return Results.Redirect("/sign-in");
    }
}
