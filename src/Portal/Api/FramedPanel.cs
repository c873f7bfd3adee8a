using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/projects/ID/panel-link — a program with a key asks for the address of a project's panel; GET /panel/TICKET
/// — a browser shows it, inside a frame of the portals that the server names and of no other.
/// </summary>
internal static class FramedPanel
{
    /// <summary>
    /// The browser has no key and perhaps no session here, so the address itself opens the panel: for so long, this
    /// one project, and only while the key that asked for it is valid.
    /// </summary>
    private static readonly Duration Lasts = Duration.FromHours(1);

    /// <summary>An address to put into a frame.</summary>
    /// <param name="Until">Until when it shows anything; ask for another then.</param>
    internal sealed record PanelLink(Uri Url, Instant Until);

    /// <summary>What an address opens, sealed into it.</summary>
    private sealed record Ticket(string Key, ProjectId Project, ClusterId? Cluster, BillingMonth? Month, Instant Until);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/projects/{id}/panel-link", Link).Reads<PanelLink>(
            "GetProjectPanelLink",
            "The address of a project's panel for a frame in another portal: it opens that panel for an hour.",
            Permissions.ReadOfInstitution);
        app.MapGet("/panel/{ticket}", Panel).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>
    /// It says nothing of the project: what the key may see of it is decided when the panel is shown.
    /// </summary>
    private static IResult Link(
        HttpContext http, IClock clock, IDataProtectionProvider protection, ProjectId id, BillingMonth? month,
        ClusterId? cluster)
    {
        var until = clock.GetCurrentInstant() + Lasts;
        var key = Viewer.Needed(http).Actor["key:".Length..];
        var address = WebEncoders.Base64UrlEncode(Seal(protection).Protect(
            JsonSerializer.SerializeToUtf8Bytes(new Ticket(key, id, cluster, month, until), Text.Json)));
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.Json(
            new PanelLink(new(PublicAddress.Of(http), $"/panel/{address}"), until), Text.Json);
    }

    private static async Task<IResult> Panel(
        HttpContext http, Composition exchange, IClock clock, IDataProtectionProvider protection,
        ServerOptions options, string ticket, CancellationToken ct)
    {
        SecurityHeaders.AllowFrames(http, options.PanelIn);
        var now = clock.GetCurrentInstant();
        if (Open(protection, ticket) is not { } opened || opened.Until <= now ||
            opened.Until > now + Lasts + Sessions.Apart ||
            await exchange.Keys.Valid(opened.Key, ct) is not { Scope: KeyScope.Read } key)
        {
            return Page(
                new(null, "This address has expired. Load the page around it again."), StatusCodes.Status404NotFound);
        }

        var viewer = Viewer.Of(opened.Key, key);
        using var turn = await http.RequestServices.GetRequiredService<RequestTurns>().Take(viewer, ct);
        if (turn is null)
        {
            return RequestTurns.TooMany(http);
        }

        http.User = viewer.ToPrincipal(Viewer.KeyScheme);
        await using var view = View.Of(http);
        return await GetProjects.Find(http, view, exchange, opened.Project, opened.Month, opened.Cluster, ct)
            is { } spend
            ? Page(new(GetProjects.PanelOf(spend)))
            : Page(new(null, "Nothing was used yet."));
    }

    private static IResult Page(PanelFrame.Framed framed, int status = StatusCodes.Status200OK) => Results.Content(
        PageRenderer.Text(null, new(), Cell.Of<PanelFrame>(nameof(PanelFrame.Shown), framed)),
        "text/html; charset=utf-8", Encoding.UTF8, status);

    private static IDataProtector Seal(IDataProtectionProvider protection) =>
        protection.CreateProtector("exchange.panel/1");

    /// <summary>What an address opens; null when it was not made here.</summary>
    private static Ticket? Open(IDataProtectionProvider protection, string ticket)
    {
        try
        {
            return JsonSerializer.Deserialize<Ticket>(
                Seal(protection).Unprotect(WebEncoders.Base64UrlDecode(ticket)), Text.Json);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
