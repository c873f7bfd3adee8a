using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Journal;

/// <summary>
/// What stands for a person who was erased: an address that no mail reaches, 'p-…@erased.invalid'. It says the domain
/// of the institution that the person was of, so that who subsidizes them stays what it was, and nothing else.
/// </summary>
public static partial class ErasedToken
{
    private const int RandomBytes = 10;
    private const string End = "@erased.invalid";

    /// <param name="domain">Of the institution; null of somebody who is of none.</param>
    public static string Create(string? domain) =>
        $"p-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}" +
        $"{(domain is null ? "" : $".{domain}")}{End}";

    public static bool IsOne(string? address) => address?.EndsWith(End, StringComparison.Ordinal) == true;

    /// <summary>Whether it is a whole address, and so nothing that stands for something else, too.</summary>
    public static bool IsAddress(string text) => Whole().IsMatch(text);

    [GeneratedRegex("""^[^\s@"<>\\,;:/]+@[^\s@"<>\\,;:/]+\.[^\s@"<>\\,;:/]+$""", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    /// <summary>The address by which somebody's institution is found: of a token the domain that it says.</summary>
    public static string WithDomain(string address) =>
        IsOne(address) && Form().Match(address) is { Success: true } token && token.Length == address.Length
            ? $"erased@{token.Groups["domain"].Value}"
            : address;

    /// <summary>By what an address is known again.</summary>
    public static byte[] Hash(byte[] salt, string address) =>
        SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(EmailAddress.Fold(address.Trim()))]);

    [GeneratedRegex("""p-[0-9a-f]{20}(?:\.(?<domain>[a-z0-9.\-]+))?@erased\.invalid""", RegexOptions.CultureInvariant)]
    internal static partial Regex Form();

    /// <summary>Whatever may be the address of a person in JSON, in lower case.</summary>
    public static IEnumerable<string> Addresses(string json) => json.Contains('@', StringComparison.Ordinal)
        ? Address().Matches(json).Select(found => EmailAddress.Fold(found.Groups["address"].Value))
        : [];

    [GeneratedRegex(
        """(?:\\[nrtbf]|[^\w.%+'\-]|^)(?<address>[\w.%+'\-]+@[A-Za-z0-9.\-]*[A-Za-z0-9])""",
        RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
