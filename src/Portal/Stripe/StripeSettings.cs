using System.Collections.Immutable;

namespace Exchange.Portal.Stripe;

/// <summary>How to speak to Stripe. Secrets come from a file, so that neither processes nor logs show them.</summary>
/// <param name="Key">The secret or restricted key.</param>
/// <param name="WebhookSecrets">What signs webhooks; two while one replaces the other.</param>
internal sealed record StripeSettings(Uri Address, string Key, ImmutableArray<string> WebhookSecrets)
{
    public const string Variable = "EXCHANGE_STRIPE";
    private static readonly Uri Stripe = new("https://api.stripe.com");

    /// <summary>Whether the key moves real money; events of the other mode are not for this exchange.</summary>
    public bool IsLive => Key.Contains("_live_", StringComparison.Ordinal);

    /// <summary>What the file says that the environment names; null when it names none.</summary>
    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static StripeSettings? Here() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? Read(file) : null;

    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static StripeSettings Read(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, "it cannot be read");
        }

        return Parse(text, file);
    }

    public static StripeSettings Parse(string text, string file)
    {
        var (key, address) = ("", Stripe);
        var secrets = ImmutableArray.CreateBuilder<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#')))
        {
            switch (line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                case ["key", var value] when value.StartsWith("sk_", StringComparison.Ordinal) ||
                    value.StartsWith("rk_", StringComparison.Ordinal):
                    key = value;
                    break;
                case ["webhook-secret", var value] when value.StartsWith("whsec_", StringComparison.Ordinal):
                    secrets.Add(value);
                    break;
                case ["address", var value] when Uri.TryCreate(value, UriKind.Absolute, out var uri) &&
                    (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)):
                    address = uri;
                    break;
                default:
                    throw Wrong(file, "a line of it says something else"); // Not which: it may be a secret.
            }
        }

        return key.Length > 0 ? new(address, key, secrets.ToImmutable()) : throw Wrong(file, "it names no key");
    }

    /// <summary>Never the secrets.</summary>
    public override string ToString() => $"{Address} in {(IsLive ? "live" : "test")} mode";

    private static RefusedException Wrong(string file, string why) => new(new(
        "stripe/settings",
        $"The file of {Variable} is not right: {why}. Write the lines 'key sk_…' and 'webhook-secret whsec_…'.", file));
}
