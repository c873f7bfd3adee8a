using System.Net;

namespace Exchange.Portal.Web.Access;

/// <summary>Whom visitors may pick to be; only a demonstration on loopback has any.</summary>
internal sealed record Personas(IReadOnlyList<Persona> All);

/// <summary>Someone to be in a demonstration: who they are, and what they come to do.</summary>
internal sealed record Persona(string Id, string What, Viewer Viewer)
{
    /// <summary>Only where the server was started for it, and only to this machine itself.</summary>
    public static bool AreOffered(HttpContext http) =>
        http.RequestServices.GetRequiredService<Personas>().All.Count > 0 &&
        http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);
}
