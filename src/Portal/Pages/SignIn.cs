using System.Net;
using Exchange.Portal.Audit;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authentication;

namespace Exchange.Portal.Pages;

/// <summary>/sign-in and /sign-out. In a demonstration on this machine a visitor picks who to be.</summary>
internal static class SignIn
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sign-in", Show).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-in", Enter).AllowAnonymous().ChecksForm().ExcludeFromDescription();
        app.MapPost("/sign-out", Leave).RequireAuthorization(Acts.BeSignedIn).ChecksForm().ExcludeFromDescription();
    }

    private static async Task<IResult> Show(HttpContext http, Personas personas, CancellationToken ct)
    {
        if (!Personas.AreOffered(http))
        {
            return Layout.Page(http, "Sign in", Html.Of($"""
                <p class="note-box">Nobody can sign in here yet: no identity provider is set up.
                Programs use API keys (<code>exchange keys create</code>);
                the demonstration (<code>exchange demo</code>) offers people to be.</p>
                """));
        }

        var people = await personas.All(ct);
        return Layout.Page(http, "Who would you like to be?", Html.Of($"""
            <p class="lead">This demonstration runs on your own machine and everyone in it is invented,
            so you may be anybody.</p>
            <ul class="people">{Html.Join(people, person => Html.Of($"""
            <li><form method="post" action="/sign-in">{Forgery.Field(http)}
            <input type="hidden" name="persona" value="{person.Id}">
            <button><strong>{person.Viewer.Name}</strong>{person.What}</button></form></li>
            """))}</ul>
            """));
    }

    private static async Task<IResult> Enter(HttpContext http, Personas personas, AuditLog audit, CancellationToken ct)
    {
        if (!Personas.AreOffered(http))
        {
            return Problem.Of(new("access/no-personas", "Personas exist in the demonstration only."), 403);
        }

        var form = await http.Request.ReadFormAsync(ct);
        var wanted = form["persona"].ToString();
        if ((await personas.All(ct)).FirstOrDefault(p => p.Id == wanted) is not { } person)
        {
            return Problem.Of(new("access/no-such-persona", "There is no such person in this demonstration."), 400);
        }

        await audit.Note(person.Viewer.Actor, "sign in", person.Id, "done", Gate.Origin(http), ct);
        await http.SignInAsync(Viewer.SessionScheme, person.Viewer.ToPrincipal(Viewer.SessionScheme));
        return Results.Redirect("/");
    }

    private static async Task<IResult> Leave(HttpContext http, AuditLog audit, CancellationToken ct)
    {
        await audit.Note(Viewer.Needed(http).Actor, "sign out", "", "done", Gate.Origin(http), ct);
        await http.SignOutAsync(Viewer.SessionScheme);
        return Results.Redirect("/sign-in");
    }
}

/// <summary>The invented people of a demonstration.</summary>
internal sealed class Personas(ServerOptions options)
{
    /// <summary>Someone to be: who they are, and what they come to do.</summary>
    public sealed record Persona(string Id, string What, Viewer Viewer);

    /// <summary>Only where the server was started for it, and only to this machine itself.</summary>
    public static bool AreOffered(HttpContext http) =>
        http.RequestServices.GetRequiredService<ServerOptions>().Personas &&
        http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);

    public Task<IReadOnlyList<Persona>> All(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<Persona>>(options.Personas
            ? [
                new("finance", "Finance: closes the month and sends invoices.",
                    new("person:finance", "Frances Nance", Role.Finance)),
                new("operator", "Operator: looks after meters and quarantine.",
                    new("person:operator", "Opal Reyes", Role.Operator)),
                new("bu-subsidy", "BU Research IT: pays $100 a month for every BU PI.",
                    new("person:bu-subsidy", "Bea Ure", Role.Subsidy, Payer: "bu")),
            ]
            : []);
    }
}
