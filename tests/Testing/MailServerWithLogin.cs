using System.Net.Sockets;

namespace Exchange.Testing;

/// <summary>
/// A real mail server on loopback that takes nothing without STARTTLS and a login: Debian's aiosmtpd, with a
/// certificate
/// that nobody vouches for.
/// </summary>
public sealed class MailServerWithLogin : IAsyncDisposable
{
    private const string Script = """
        import asyncio, ssl, sys
        from aiosmtpd.controller import Controller
        from aiosmtpd.handlers import Mailbox
        from aiosmtpd.smtp import SMTP, AuthResult

        def known(server, session, envelope, mechanism, data):
            ok = (data.login, data.password) == (b"billing", b"r1ght:p@ss")
            return AuthResult(success=ok, handled=ok)

        implicit, only, most = sys.argv[2] == "implicit", sys.argv[3], int(sys.argv[4])

        class Counts(SMTP):
            def connection_made(self, transport):
                self.taken = 0
                if transport.get_extra_info("sslcontext") is None:
                    open("met", "a").write("x")
                super().connection_made(transport)

            async def smtp_MAIL(self, arg):
                self.taken += 1
                if self.taken == 1:
                    open("connections", "a").write("x")
                if most and self.taken > most:
                    await self.push("421 4.7.0 so many and no more")
                    self.transport.close()
                    return
                await super().smtp_MAIL(arg)

        class Here(Controller):
            def factory(self):
                return Counts(self.handler, authenticator=known, auth_required=True,
                    tls_context=None if implicit else tls, require_starttls=not implicit,
                    auth_require_tls=not implicit,
                    auth_exclude_mechanism=[m for m in ("LOGIN", "PLAIN") if only and m != only])

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain("cert.pem", "key.pem")
        Here(Mailbox("mail"), hostname="127.0.0.1", port=int(sys.argv[1]),
            ssl_context=tls if implicit else None).start()
        asyncio.new_event_loop().run_forever()
        """;

    private readonly Component _server;
    private readonly int _port;

    private readonly bool _isImplicit;

    private MailServerWithLogin(Component server, int port, bool isImplicit) =>
        (_server, _port, _isImplicit) = (server, port, isImplicit);

    public static string Right => "r1ght:p@ss";

    /// <summary>Its certificate; whoever is to trust it names this file.</summary>
    public string Certificate => Path.Combine(_server.Folder, "cert.pem");

    /// <summary>How many messages it took.</summary>
    public int Taken => Path.Combine(_server.Folder, "mail", "new") is var folder && Directory.Exists(folder)
        ? Directory.GetFiles(folder).Length
        : 0;

    /// <summary>How many connections it was asked for; those with TLS from the first byte are not counted.</summary>
    public int Met => (int)new FileInfo(Path.Combine(_server.Folder, "met")).Length;

    /// <summary>How many conversations brought mail.</summary>
    public int Connections => (int)new FileInfo(Path.Combine(_server.Folder, "connections")).Length;

    /// <param name="implicitTls">With TLS from the first byte, and no STARTTLS.</param>
    /// <param name="only">The one way to sign in that it offers; empty for LOGIN and PLAIN.</param>
    /// <param name="most">After how many messages it hangs up; 0 for never.</param>
    public static async Task<MailServerWithLogin> Start(bool implicitTls = false, string only = "", int most = 0)
    {
        Component.Find("python3-aiosmtpd", "aiosmtpd");
        var openssl = Component.Find("openssl", "openssl");
        var folder = Component.NewFolder().FullName;
        var port = Ports.Free();
        await File.WriteAllTextAsync(Path.Combine(folder, "server.py"), Script);
        await Component.Run(
            openssl, folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
            "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1");
        var server = Component.Start(
            "/usr/bin/python3", folder, new Dictionary<string, string>(), "server.py", $"{port}",
            implicitTls ? "implicit" : "starttls", only, $"{most}");
        await server.Until(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        });
        return new(server, port, implicitTls);
    }

    /// <summary>As the setting of the product names it.</summary>
    public string Setting(string password) =>
        $"{(_isImplicit ? "smtps" : "smtp")}://billing:{Uri.EscapeDataString(password)}@127.0.0.1:{_port}?from=billing@example.org";

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
