using System.Net;
using System.Net.Sockets;
using System.Text;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Who asks for much and does not read it holds no connection of the database, has only so many answers waiting, and is
/// cut off. Seen to fail: as many answers as there are connections waited, each for as long as a few bytes a minute
/// were read.
/// </summary>
public class SlowReadersHoldNothing
{
    private const string Path = "/v1/prices";

    [Fact]
    public async Task Who_does_not_read_waits_behind_themselves_alone_and_is_cut_off()
    {
        await using var serving = await UsedMonth.Start(connections: 3); // Pages and programs share one of them.
        using var slow = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var again = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var program = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var finance = await serving.As("finance");
        var length = (await slow.GetByteArrayAsync(new Uri(Path, UriKind.Relative), Serving.Ct)).Length;
        var turns = serving.App.Services.GetRequiredService<RequestTurns>();
        var landlord = new Viewer("key:any", "", Role.ReadKey, Landlord: Serving.Other);
        var readers = new List<Socket>();
        for (var n = 0; n < RequestTurns.Unread; n++)
        {
            readers.Add(await Ask(serving.Address, slow.DefaultRequestHeaders.Authorization!, (600 << 10) / length));
        }

        await Waiting.For(
            () => turns.MoreAnswersFor(landlord) == 0, () => $"{turns.MoreAnswersFor(landlord)} more would be given.");
        var next = again.GetAsync(new Uri(Path, UriKind.Relative), Serving.Ct);
        for (var n = 0; n < 10; n++)
        {
            foreach (var (client, path) in ((HttpClient, string)[])[(program, Path), (finance, "/finance")])
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
                Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
            }
        }

        Assert.False(next.IsCompleted);
        using var late = await next; // None of them ever reads: this is answered because they are cut off.
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        readers.ForEach(reader => reader.Dispose());
    }

    /// <summary>Asks many times over a connection that takes little at once, and reads nothing.</summary>
    private static async Task<Socket> Ask(Uri address, System.Net.Http.Headers.AuthenticationHeaderValue key, int times)
    {
        const int Tcp = 6, MaxSegment = 2;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 4 << 10,
        };
        socket.SetRawSocketOption(Tcp, MaxSegment, BitConverter.GetBytes(1_000)); // The other side keeps little, too.
        await socket.ConnectAsync(address.Host, address.Port, Serving.Ct);
        await socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(
            $"GET {Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key}\r\n\r\n", times + 1))), Serving.Ct);
        return socket;
    }
}
