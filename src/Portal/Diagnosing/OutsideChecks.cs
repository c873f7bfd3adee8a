using Exchange.Portal.Mail;
using Exchange.Portal.Web.SigningIn;
using Microsoft.IdentityModel.Protocols;

namespace Exchange.Portal.Diagnosing;

/// <summary>What others have for the exchange: the mail server, and the provider that people sign in with.</summary>
internal static class OutsideChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<Finding> Mail(CancellationToken ct)
    {
        MailSettings? settings;
        try
        {
            settings = MailSettings.Here();
        }
        catch (RefusedException e)
        {
            return Finding.Fail("mail", e.Refusal);
        }

        if (settings is null)
        {
            return Finding.Warn(
                "mail", "nobody gets mail: no server is named", $"set {MailSettings.Variable} if invoices, reminders " +
                "and alerts are to be sent");
        }

        return await MailServer.Fault(settings, Patience, ct) is { } fault
            ? Finding.Fail("mail", fault, $"correct {MailSettings.Variable}, or ask whoever runs the mail server")
            : settings.Operators is null
                ? Finding.Warn(
                    "mail", $"{settings.Host} takes mail; operators are told of nothing",
                    $"set {MailSettings.OperatorsVariable} to be told of silent sources")
                : Finding.Ok("mail", $"{settings.Host} takes mail");
    }

    /// <param name="file">The file of the provider; null where none is named.</param>
    public static async Task<Finding> SignIn(string? file, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(file))
        {
            return Finding.Warn(
                "sign-in", "no identity provider is named: people get in by 'exchange sign-in-link' alone",
                "set EXCHANGE_SIGN_IN to a file like that in docs/operating/sign-in.md");
        }

        try
        {
            var settings = await SignInSettings.Read(file, ct);
            using var http = new HttpClient { Timeout = Patience };
            var documents = new HttpDocumentRetriever(http) { RequireHttps = !settings.Issuer.IsLoopback };
            await new IdentityProvider(settings).GetConfigurationAsync(
                $"{settings.Issuer.ToString().TrimEnd('/')}/.well-known/openid-configuration", documents, ct);
            return Finding.Ok("sign-in", $"{settings.Issuer} answers as its own");
        }
        catch (RefusedException e)
        {
            return Finding.Fail("sign-in", e.Refusal);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is IOException or HttpRequestException or
            OperationCanceledException or ArgumentException or InvalidOperationException)
        {
            return Finding.Fail(
                "sign-in", $"the provider of {file} cannot be asked: {Innermost(e).Message}",
                "check the issuer, the network and the provider; 'exchange sign-in-link' works meanwhile");
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
