using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Exchange.Portal.Mail;

/// <summary>
/// A conversation with the mail server, over which any number of messages go. It is opened before any is sent: the
/// server must answer, and take the login. Otherwise a refused login is told by the refusal of each message, as if
/// something were wrong with the message.
/// </summary>
internal sealed class MailServer : IDisposable
{
    /// <summary>Some servers greet late on purpose, to be rid of senders that do not wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Conversation _said = new();
    private readonly SmtpClient _client;
    private readonly MailSettings _settings;

    private MailServer(MailSettings settings)
    {
        _settings = settings;
        _client = new SmtpClient(_said)
        {
            LocalDomain = System.Net.Dns.GetHostName(),

            // Whether a certificate was revoked is asked of hosts of its issuer, which the exchange does not reach.
            CheckCertificateRevocation = false,
        };
    }

    /// <summary>How many messages went over it.</summary>
    public int Sent { get; private set; }

    public bool IsOpen => _client.IsConnected;

    /// <summary>Whether the server was told what a message says, so that it may have taken it.</summary>
    public bool MayHaveTaken => _said.Command is "DATA" or "BDAT" or "" or ".";

    /// <returns>Why it takes no mail from here, without a password in it; null when it does.</returns>
    public static async Task<string?> Fault(MailSettings settings, TimeSpan wait, CancellationToken ct)
    {
        var (server, fault) = await Open(settings, wait, ct);
        if (server is not null)
        {
            await server.Close(ct);
        }

        return fault;
    }

    /// <returns>The open conversation, or why there is none, without a password in it.</returns>
    public static async Task<(MailServer? Server, string? Fault)> Open(
        MailSettings settings, TimeSpan wait, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(wait);
        var server = new MailServer(settings);
        try
        {
            await server.Greet(patience.Token);
            return (server, null);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && server.Why(e, wait) is { } why)
        {
            server.Dispose();
            return (null, why);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <exception cref="SmtpCommandException">The server refuses it.</exception>
    /// <exception cref="SmtpProtocolException">The server does not answer.</exception>
    public async Task Send(MimeMessage message, CancellationToken ct)
    {
        _said.Forget();
        await _client.SendAsync(message, ct);
        Sent++;
    }

    public async Task Close(CancellationToken ct)
    {
        if (_client.IsConnected)
        {
            await _client.DisconnectAsync(quit: true, ct);
        }

        Dispose();
    }

    public void Dispose()
    {
        _client.Dispose();
        _said.Dispose();
    }

    private async Task Greet(CancellationToken ct)
    {
        await _client.ConnectAsync(_settings.Host, _settings.Port, _settings.Security, ct);
        if (_settings.User is { } user)
        {
            await _client.AuthenticateAsync(Encoding.UTF8, user, _settings.Password ?? "", ct);
        }
    }

    private string? Why(Exception e, TimeSpan wait) => e switch
    {
        OperationCanceledException or TimeoutException => string.Create(
            CultureInfo.InvariantCulture, $"{Name} does not answer within {wait.TotalSeconds} s."),
        SslHandshakeException { ServerCertificate: not null } tls =>
            $"The certificate of {Name} is not trusted: {tls.InnerException?.Message ?? tls.Message}",
        SslHandshakeException tls => $"{Name} speaks no TLS: {tls.InnerException?.Message ?? tls.Message}",
        _ when _said.Refusal is { } refusal => $"{Name}: it refused {_said.What}: {refusal}",
        SmtpProtocolException or IOException => $"{Name}: it hung up.",
        NotSupportedException => $"{Name}: it offers no {(_client.IsSecure ? "way to sign in that is known" : "TLS")}.",
        SocketException or MailKit.Security.AuthenticationException or SmtpCommandException => $"{Name}: {e.Message}",
        _ => null,
    };

    private string Name => string.Create(
        CultureInfo.InvariantCulture, $"The mail server {_settings.Host}:{_settings.Port}");

    /// <summary>The last that either side said. What we said is kept to its first word, and never in a login.</summary>
    private sealed class Conversation : IProtocolLogger
    {
        private const int MaxShown = 200;

        private string _answer = "";
        private bool _isLogin;

        public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

        /// <summary>The first word of what we said last; null before we said anything.</summary>
        public string? Command { get; private set; }

        /// <summary>The last answer, when it was no agreement; null when it was.</summary>
        public string? Refusal => _answer.Length > 0 && _answer[0] is not ('2' or '3')
            ? _answer[..int.Min(_answer.Length, MaxShown)]
            : null;

        public string What => _isLogin ? "the login" : Command switch
        {
            null => "the greeting",
            "EHLO" or "HELO" => "EHLO",
            _ => Command,
        };

        public void Forget() => (_answer, _isLogin) = ("", false);

        public void LogConnect(Uri uri) => (_answer, Command, _isLogin) = ("", null, false);

        public void LogClient(byte[] buffer, int offset, int count)
        {
            var end = buffer.AsSpan(offset, count).IndexOfAny(" \r\n"u8);
            var word = Encoding.ASCII.GetString(buffer, offset, int.Min(end < 0 ? count : end, 10)).ToUpperInvariant();
            _isLogin |= word == "AUTH";
            Command = _isLogin ? "AUTH" : word;
        }

        public void LogServer(byte[] buffer, int offset, int count)
        {
            var lines = Encoding.ASCII.GetString(buffer, offset, count)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            _answer = lines.LastOrDefault(line => line.Length > 0 && line[0] is not ('2' or '3'))
                ?? lines.LastOrDefault() ?? _answer;
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
