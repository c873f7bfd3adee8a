using System.Globalization;
using Exchange.Portal.Mail;
using Exchange.Portal.Stripe;

namespace Exchange.Portal.Jobs;

/// <summary>What an installation wants of its jobs; whatever is not set is off.</summary>
/// <param name="CloseOn">The day of the month on which the month before is closed.</param>
/// <param name="Exports">The directory that reports of closed months are written to.</param>
internal sealed record JobSettings(
    int? CloseOn, string? Exports, MailSettings? Mail, StripeSettings? Stripe = null)
{
    public const string CloseOnVariable = "EXCHANGE_CLOSE_ON";
    public const string ExportsVariable = "EXCHANGE_EXPORTS";

    /// <exception cref="RefusedException">A setting cannot be read.</exception>
    public static JobSettings Here() => new(
        Day(Environment.GetEnvironmentVariable(CloseOnVariable)),
        Environment.GetEnvironmentVariable(ExportsVariable) is { Length: > 0 } directory ? directory : null,
        MailSettings.Here(), StripeSettings.Here());

    /// <exception cref="RefusedException">It is no day that every month has.</exception>
    public static int? Day(string? text) => string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day is >= 1 and <= 28
            ? day
            : throw new RefusedException(new(
                "jobs/close-on", $"'{text}' is not a day that every month has. Write a number from 1 to 28.",
                CloseOnVariable));
}
