using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Exchange.Portal.Stripe;

/// <summary>
/// The signature that Stripe puts on a webhook: 't=SECONDS,v1=HEX', v1 once for each secret in force.
/// </summary>
internal static class StripeSignature
{
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    /// <returns>Why the body is not to be believed; null when it is Stripe's and new.</returns>
    public static string? WhyNot(string header, ReadOnlySpan<byte> body, IEnumerable<string> secrets, Instant now)
    {
        long? at = null;
        var signatures = new List<byte[]>();
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n, v) : ("", "");
            if (name == "t" && at is null && long.TryParse(
                value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                at = seconds;
            }
            else if (name == "v1" && value.Length == 64 && value.All(char.IsAsciiHexDigit))
            {
                signatures.Add(Convert.FromHexString(value));
            }
        }

        if (at is not { } time || signatures.Count == 0)
        {
            return "it has no time or no signature of version 1";
        }

        var signed = (byte[])[.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{time}.")),
            .. body];
        var isTheirs = false;
        foreach (var secret in secrets)
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
            foreach (var signature in signatures)
            {
                // All are compared, and each in constant time: how long it takes tells nothing.
                isTheirs |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return !isTheirs ? "no signature on it is by one of our secrets"
            : Math.Abs(now.ToUnixTimeSeconds() - time) > (long)Tolerance.TotalSeconds
                ? "it was signed more than five minutes from now" : null;
    }
}
