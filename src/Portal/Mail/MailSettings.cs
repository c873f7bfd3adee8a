using System.Globalization;
using System.Net.Mail;

namespace Exchange.Portal.Mail;

/// <summary>Through which server mail goes, and from whom. Without it no mail is queued or sent.</summary>
/// <param name="From">Who sends it; its domain stands in every Message-ID.</param>
/// <param name="IsPlain">Without TLS, as only a server on this machine that asks for no password is spoken to.</param>
internal sealed record MailSettings(
    string Host, int Port, string? User, string? Password, MailAddress From, bool IsPlain)
{
    public const string Variable = "EXCHANGE_MAIL";
    private const string Example = "smtp://user:password@mail.example.org:587?from=billing@example.org";

    /// <summary>What the environment says; null when it says nothing.</summary>
    public static MailSettings? Of(string? url) => string.IsNullOrEmpty(url) ? null : Parse(url);

    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static MailSettings Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "smtp" ||
            !uri.Query.StartsWith("?from=", StringComparison.Ordinal) ||
            !MailAddress.TryCreate(Uri.UnescapeDataString(uri.Query[6..]), out var from))
        {
            throw new RefusedException(new(
                "mail/settings", $"{Variable} cannot be read. Write it like '{Example}'.", Variable));
        }

        var user = uri.UserInfo.Split(':', 2);
        return new(
            uri.IdnHost.Trim('[', ']'), uri.Port < 0 ? 587 : uri.Port,
            uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null, from,
            uri.IsLoopback && uri.UserInfo.Length == 0);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From} through {Host}:{Port}");
}
