using System.Net;

namespace Exchange.Portal.Web.Access;

/// <summary>Someone to be in a demonstration: who they are, and what they come to do.</summary>
internal sealed record Persona(string Id, string What, Viewer Viewer)
{
    /// <summary>Only where the server was started for it, and only to this machine itself.</summary>
    public static bool AreOffered(HttpContext http) =>
        http.RequestServices.GetRequiredService<ServerOptions>().Personas.Count > 0 &&
        http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);
}
