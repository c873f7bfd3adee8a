using System.Collections.Immutable;
using System.Globalization;
using System.Net.Mail;
using MailKit.Security;

namespace Exchange.Portal.Mail;

/// <summary>Through which server mail goes, and from whom. Without it no mail is queued or sent.</summary>
/// <param name="From">Who sends it; its domain stands in every Message-ID.</param>
/// <param name="IsPlain">Without TLS, as only a server on this machine that asks for no password is spoken to.</param>
/// <param name="IsImplicit">With TLS from the first byte, as on port 465; otherwise by STARTTLS.</param>
internal sealed record MailSettings(
    string Host, int Port, string? User, string? Password, MailAddress From, bool IsPlain, bool IsImplicit = false)
{
    private const int ImplicitPort = 465;
    private const int SubmissionPort = 587;

    public const string Variable = "EXCHANGE_MAIL";
    public const string OperatorsVariable = "EXCHANGE_OPERATORS";
    private const string Example = "smtp://user:password@mail.example.org:587?from=billing@example.org";

    /// <summary>How many days past due each stage of reminders is sent, as said by 'reminders=1,15,30'.</summary>
    public ImmutableArray<int> ReminderDays { get; init; } = EveryTwoWeeks;

    private static ImmutableArray<int> EveryTwoWeeks => [1, 15, 30, 45, 60];

    /// <summary>Where operators are told of what they look after; null for nowhere.</summary>
    public string? Operators { get; init; }

    /// <summary>What the environment says; null when it says nothing.</summary>
    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static MailSettings? Here() => Of(Environment.GetEnvironmentVariable(Variable)) is { } settings
        ? settings with { Operators = Address(Environment.GetEnvironmentVariable(OperatorsVariable)) }
        : null;

    private static string? Address(string? text) => string.IsNullOrEmpty(text) ? null
        : MailAddress.TryCreate(text, out var address) ? address.Address
        : throw new RefusedException(new(
            "mail/operators", $"'{text}' is no address of mail. Write one, like 'cloud-operators@example.org'.",
            OperatorsVariable));

    /// <summary>What a setting says; null when it says nothing.</summary>
    public static MailSettings? Of(string? url) => string.IsNullOrEmpty(url) ? null : Parse(url);

    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static MailSettings Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") ||
            uri.Query.TrimStart('?').Split('&') is not [var sender, .. var rest] ||
            !sender.StartsWith("from=", StringComparison.Ordinal) ||
            !MailAddress.TryCreate(Uri.UnescapeDataString(sender[5..]), out var from) ||
            Days(rest) is not { } days)
        {
            throw new RefusedException(new(
                "mail/settings",
                $"{Variable} cannot be read. Write it like '{Example}', or 'smtps://…' for TLS from the " +
                "first byte; '&reminders=1,15,30' after it names days past due, each later than the one before.",
                Variable));
        }

        var user = uri.UserInfo.Split(':', 2);
        var port = uri.Port >= 0 ? uri.Port : uri.Scheme == "smtps" ? ImplicitPort : SubmissionPort;
        var isImplicit = uri.Scheme == "smtps" || port == ImplicitPort;
        return new(
            uri.IdnHost.Trim('[', ']'), port,
            uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null, from,
            uri.IsLoopback && uri.UserInfo.Length == 0 && !isImplicit, isImplicit)
        {
            ReminderDays = days,
        };
    }

    /// <summary>The stages that 'reminders=1,15,30' names; null where it cannot be read.</summary>
    private static ImmutableArray<int>? Days(string[] rest)
    {
        if (rest is [])
        {
            return EveryTwoWeeks;
        }

        if (rest is not [var one] || !one.StartsWith("reminders=", StringComparison.Ordinal))
        {
            return null;
        }

        var days = ImmutableArray.CreateBuilder<int>();
        foreach (var text in one["reminders=".Length..].Split(','))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) ||
                day < 1 || (days.Count > 0 && day <= days[^1]))
            {
                return null;
            }

            days.Add(day);
        }

        return days.ToImmutable();
    }

    /// <summary>Nothing but a server on this machine is spoken to in the clear.</summary>
    public SecureSocketOptions Security => IsPlain ? SecureSocketOptions.None
        : IsImplicit ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From} through {Host}:{Port}");
}
