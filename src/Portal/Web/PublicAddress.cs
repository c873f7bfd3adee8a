using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Exchange.Portal.Web;

/// <summary>
/// Where people reach this server and from where they come, when proxies stand before it. What is configured decides:
/// the scheme and host of a request are what was named, never what the request says, and who asks is believed of the
/// proxies that were named as trusted and of nobody else.
/// </summary>
internal static class PublicAddress
{
    /// <summary>What the request itself said, for what is only done on this machine.</summary>
    private static readonly object Raw = new();

    public static void Use(WebApplication app, ServerOptions options)
    {
        if (options.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarded(options.TrustedProxies));
        }

        if (options.Address is { } address)
        {
            app.Use((http, next) =>
            {
                http.Items[Raw] = http.Request.Host;
                http.Request.Scheme = address.Scheme;
                http.Request.Host = HostString.FromUriComponent(address);
                return next(http);
            });
        }
    }

    /// <summary>The address of this server, for links that are read elsewhere.</summary>
    public static Uri Of(HttpContext http)
    {
        if (http.RequestServices.GetRequiredService<ServerOptions>().Address is { } address)
        {
            return address;
        }

        var local = http.Connection.LocalIpAddress ?? IPAddress.Loopback;
        var host = (local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local).ToString();
        return new UriBuilder(
            http.Request.IsHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, http.Connection.LocalPort).Uri;
    }

    /// <summary>Whether somebody at this machine asks, and no proxy for somebody else.</summary>
    public static bool IsThisMachine(HttpContext http)
    {
        var host = http.Items.TryGetValue(Raw, out var raw) ? (HostString)raw! : http.Request.Host;
        return http.Connection is { RemoteIpAddress: { } from, LocalIpAddress: { } to } &&
            IPAddress.IsLoopback(from) && IPAddress.IsLoopback(to) &&
            host.Host is "localhost" or "127.0.0.1" or "[::1]" &&
            !http.Request.Headers.Keys.Any(name =>
                name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) ||
                name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) ||
                name.Equals("Via", StringComparison.OrdinalIgnoreCase) ||
                name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether it names a proxy or a network of them.</summary>
    public static bool IsProxy(string text) =>
        IPAddress.TryParse(text, out _) || System.Net.IPNetwork.TryParse(text, out _);

    private static ForwardedHeadersOptions Forwarded(IReadOnlyList<string> proxies)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null, // As far as each is of a proxy that was named.
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }

        return forwarded;
    }
}
