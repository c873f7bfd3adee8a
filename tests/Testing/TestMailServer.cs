using System.Net.Sockets;

namespace Exchange.Testing;

/// <summary>A real mail server on loopback that keeps what it gets in a folder: Debian's aiosmtpd.</summary>
public sealed class TestMailServer : IAsyncDisposable
{
    private readonly Component _server;

    private TestMailServer(Component server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    /// <summary>As the setting of the product names it.</summary>
    public string Setting => $"smtp://127.0.0.1:{Port}?from=billing@example.org";

    /// <param name="port">A port that was free a moment ago; null for any.</param>
    public static async Task<TestMailServer> Start(int? port = null)
    {
        var program = Component.Find("python3-aiosmtpd", "aiosmtpd");
        var chosen = port ?? Ports.Free();
        var folder = Component.NewFolder().FullName;
        var server = Component.Start(
            program, folder, new Dictionary<string, string>(), "-n", "-l", $"127.0.0.1:{chosen}", "-c",
            "aiosmtpd.handlers.Mailbox", Path.Combine(folder, "mail"));
        await server.Until(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", chosen);
            return true;
        });
        return new(server, chosen);
    }

    /// <summary>The text of every message that came, as it came.</summary>
    public IReadOnlyList<string> Came =>
        Path.Combine(_server.Folder, "mail", "new") is var folder && Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(File.ReadAllText).Order(StringComparer.Ordinal)]
            : [];

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
