using System.Net;
using System.Net.Sockets;

namespace Exchange.Portal.Webhooks;

/// <summary>
/// A client for addresses that strangers name. It connects to public addresses only, and checks the very address that
/// it then connects to, so that a name cannot change its mind in between; it follows no redirect and uses no proxy.
/// </summary>
internal static class PublicOnly
{
    /// <summary>
    /// A name leads to nothing public: to nothing at all, or to an address inside. Which, and where, is not told:
    /// whoever names addresses would learn what names there are inside.
    /// </summary>
    public sealed class NotPublicException() : IOException("leads to no public address");

    public static HttpClient Client(bool mayReachPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 16,
        ConnectCallback = (context, ct) => Connect(context.DnsEndPoint, mayReachPrivate, ct),
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Whether the address belongs to the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }

        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Global unicast is 2000::/3; in it 2001::/23 (Teredo, ORCHID), 2001:db8::/32 and 6to4 are not hosts.
            return bytes[0] >> 5 == 1 && !(bytes[0] == 0x20 && bytes[1] == 2) &&
                !(bytes[0] == 0x20 && bytes[1] == 1 && (bytes[2] < 2 || (bytes[2] == 0x0d && bytes[3] == 0xb8)));
        }

        return (bytes[0], bytes[1]) switch
        {
            (0 or 10 or 127 or >= 224, _) => false,
            (100, >= 64 and < 128) => false,
            (169, 254) => false,
            (172, >= 16 and < 32) => false,
            (192, 168) => false,
            (192, 0) => bytes[2] is not (0 or 2),
            (198, 18 or 19) => false,
            (198, 51) => bytes[2] != 100,
            (203, 0) => bytes[2] != 113,
            _ => true,
        };
    }

    private static async Task<IPAddress[]> Public(string host, CancellationToken ct)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, ct);
            return Array.TrueForAll(addresses, IsPublic) ? addresses : throw new NotPublicException();
        }
        catch (SocketException)
        {
            throw new NotPublicException();
        }
    }

    private static async ValueTask<Stream> Connect(DnsEndPoint to, bool mayReachPrivate, CancellationToken ct)
    {
        var addresses = mayReachPrivate
            ? await Dns.GetHostAddressesAsync(to.Host, ct)
            : await Public(to.Host, ct);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
