using System.Net;

namespace Exchange.Servers;

/// <summary>Where the other servers of an exchange reach this one, and how they know each other.</summary>
public sealed record ServerPlace
{
    private ServerPlace(IPEndPoint at, MutualTls? tls) => (At, Tls) = (at, tls);

    public IPEndPoint At { get; }

    /// <summary>Null where all are on this machine and no other can reach them.</summary>
    internal MutualTls? Tls { get; }

    /// <param name="address">An address of this machine and a port.</param>
    /// <param name="certificate">A file with the server's certificate and its key.</param>
    /// <param name="authority">A file with the certificate of the authority that issued those of all servers.</param>
    /// <exception cref="RefusedException">One of them cannot be used, or others could listen.</exception>
    public static ServerPlace Of(string address, string? certificate, string? authority)
    {
        if (!IPEndPoint.TryParse(address, out var at) || at.Port == 0 || at.Address.Equals(IPAddress.Any) ||
            at.Address.Equals(IPAddress.IPv6Any))
        {
            throw new RefusedException(new(
                "serve/cluster-address",
                $"'{address}' is no address and port by which other servers reach this one. Write it like " +
                "'10.1.0.1:5081'.", "--cluster"));
        }

        var tls = certificate is null && authority is null ? null : MutualTls.Read(certificate, authority);
        return tls is not null || IPAddress.IsLoopback(at.Address)
            ? new(at, tls)
            : throw new RefusedException(new(
                "serve/cluster-without-tls",
                $"Others on the network could bring readings to '{address}' as if they were a server of this " +
                "exchange. Name certificates with --cluster-certificate and --cluster-authority, or listen on " +
                "127.0.0.1.", "--cluster"));
    }
}
