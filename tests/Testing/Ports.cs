using System.Net;
using System.Net.Sockets;

namespace Exchange.Testing;

/// <summary>
/// Ports on loopback for programs that a test starts, each given once: not one of those that the system gives to
/// clients, who could have it before the program does, and none that another test program on this machine was given.
/// </summary>
public static class Ports
{
    private const int First = 10_000;
    private const int Count = 20_000; // Those for clients begin at 32768.
    private static readonly List<Socket> Claims = [];
    private static int _tried = Environment.ProcessId * 100;

    public static int Free()
    {
        for (var left = Count; left > 0; left--)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _tried) % Count);
            if (Claim(port) && IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }

    /// <summary>Holds a name that one process of this machine can have, for as long as this process lives.</summary>
    private static bool Claim(int port)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0exchange-test-port-{port}"));
        }
        catch (SocketException)
        {
            claim.Dispose();
            return false;
        }

        lock (Claims)
        {
            Claims.Add(claim);
        }

        return true;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
