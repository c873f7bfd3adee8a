using System.Net.Sockets;

namespace Exchange.Testing;

/// <summary>
/// A real mail server on loopback that takes nothing without STARTTLS and a login: Debian's aiosmtpd, with a
/// certificate
/// that nobody vouches for.
/// </summary>
public sealed class MailServerWithLogin : IAsyncDisposable
{
    // The client that is tried writes 'AUTH login' and this server knows 'LOGIN' alone; real ones read any case.
    private const string Script = """
        import asyncio, ssl, sys
        from aiosmtpd.controller import Controller
        from aiosmtpd.handlers import Mailbox
        from aiosmtpd.smtp import SMTP, AuthResult

        class Kept(Mailbox):
            async def auth_login(self, server, args):
                return await server.auth_LOGIN(server, ["LOGIN", *args[1:]])

        def known(server, session, envelope, mechanism, data):
            ok = (data.login, data.password) == (b"billing", b"r1ght:p@ss")
            return AuthResult(success=ok, handled=ok)

        class Here(Controller):
            def factory(self):
                return SMTP(self.handler, authenticator=known, auth_required=True, tls_context=tls,
                    require_starttls=True)

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain("cert.pem", "key.pem")
        Here(Kept("mail"), hostname="127.0.0.1", port=int(sys.argv[1])).start()
        asyncio.new_event_loop().run_forever()
        """;

    private readonly Component _server;
    private readonly int _port;

    private MailServerWithLogin(Component server, int port) => (_server, _port) = (server, port);

    public static string Right => "r1ght:p@ss";

    /// <summary>Its certificate; whoever is to trust it names this file.</summary>
    public string Certificate => Path.Combine(_server.Folder, "cert.pem");

    /// <summary>How many messages it took.</summary>
    public int Taken => Path.Combine(_server.Folder, "mail", "new") is var folder && Directory.Exists(folder)
        ? Directory.GetFiles(folder).Length
        : 0;

    public static async Task<MailServerWithLogin> Start()
    {
        Component.Find("python3-aiosmtpd", "aiosmtpd");
        var openssl = Component.Find("openssl", "openssl");
        var folder = Component.NewFolder().FullName;
        var port = Component.FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "server.py"), Script);
        await Component.Run(
            openssl, folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
            "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1");
        var server = Component.Start(
            "/usr/bin/python3", folder, new Dictionary<string, string>(), "server.py", $"{port}");
        await server.Until(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        });
        return new(server, port);
    }

    /// <summary>As the setting of the product names it.</summary>
    public string Setting(string password) =>
        $"smtp://billing:{Uri.EscapeDataString(password)}@127.0.0.1:{_port}?from=billing@example.org";

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
