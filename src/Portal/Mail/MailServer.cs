using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Exchange.Portal.Mail;

/// <summary>
/// Asks the mail server whether it would take mail from here, before any is sent: it must answer, and take the login.
/// Otherwise a refused login is told by the refusal of each message, as if something were wrong with the message.
/// </summary>
internal static class MailServer
{
    /// <summary>Some servers greet late on purpose, to be rid of senders that do not wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>Why it takes no mail from here, without a password in it; null when it does.</returns>
    public static async Task<string?> Fault(MailSettings settings, TimeSpan wait, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(wait);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(settings.Host, settings.Port, patience.Token);
            await Greet(client, settings, patience.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"{Name(settings)} does not answer within {wait.TotalSeconds} s.";
        }
        catch (AuthenticationException e)
        {
            return $"The certificate of {Name(settings)} is not trusted: {e.Message}";
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
        {
            return $"{Name(settings)}: {e.Message}";
        }
    }

    private static async Task Greet(TcpClient client, MailSettings settings, CancellationToken ct)
    {
        var plain = new Line(client.GetStream());
        await plain.Read("2", "the greeting", ct);
        var offers = await plain.Say($"EHLO {System.Net.Dns.GetHostName()}", "2", "EHLO", ct);
        if (settings.IsPlain)
        {
            await plain.Say("QUIT", "2", "QUIT", ct);
            return;
        }

        await plain.Say("STARTTLS", "2", "STARTTLS", ct);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = settings.Host }, ct);
        var line = new Line(tls);
        offers = await line.Say($"EHLO {System.Net.Dns.GetHostName()}", "2", "EHLO", ct);
        if (settings.User is { } user)
        {
            if (!offers.Any(one => one.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase) &&
                one.Contains("LOGIN", StringComparison.OrdinalIgnoreCase)))
            {
                throw new InvalidDataException("it offers no AUTH LOGIN, by which to sign in.");
            }

            await line.Say("AUTH LOGIN", "3", "AUTH LOGIN", ct);
            await line.Say(Base64(user), "3", "the user of the login", ct);
            await line.Say(Base64(settings.Password ?? ""), "2", "the login", ct);
        }

        await line.Say("QUIT", "2", "QUIT", ct);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Name(MailSettings settings) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"The mail server {settings.Host}:{settings.Port}");

    /// <summary>One conversation, a line at a time; what is said never stands in a message.</summary>
    private sealed class Line(Stream stream)
    {
        private const int Longest = 200;
        private const int MostLines = 100;
        private const int MostBytes = 2_000;

        public async Task<IReadOnlyList<string>> Say(string text, string expects, string what, CancellationToken ct)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{text}\r\n"), ct);
            return await Read(expects, what, ct);
        }

        /// <returns>The lines of the answer, without its code.</returns>
        public async Task<IReadOnlyList<string>> Read(string expects, string what, CancellationToken ct)
        {
            var lines = new List<string>();
            while (lines.Count < MostLines)
            {
                var line = await Next(ct);
                lines.Add(line.Length > 4 ? line[4..] : "");
                if (line.Length > 3 && line[3] == '-')
                {
                    continue;
                }

                return line.StartsWith(expects, StringComparison.Ordinal)
                    ? lines
                    : throw new InvalidDataException($"it refused {what}: {line[..int.Min(line.Length, Longest)]}");
            }

            throw new InvalidDataException($"it answers to {what} without an end.");
        }

        /// <summary>Byte by byte: nothing may be read ahead of the handshake of TLS.</summary>
        private async Task<string> Next(CancellationToken ct)
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (line.Count < MostBytes)
            {
                if (await stream.ReadAsync(one, ct) == 0)
                {
                    throw new InvalidDataException("it hung up.");
                }

                if (one[0] == '\n')
                {
                    return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
                }

                line.Add(one[0]);
            }

            throw new InvalidDataException("it does not speak SMTP.");
        }
    }
}
