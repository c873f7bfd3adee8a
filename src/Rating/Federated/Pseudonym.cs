using System.Security.Cryptography;
using System.Text;

namespace Exchange.Rating;

/// <summary>
/// The name under which a landlord sees a customer. Two landlords see two names that nobody without the exchange's
/// secret can match; the same landlord sees the same name each month.
/// </summary>
public static class Pseudonym
{
    private const int Bytes = 10;

    public static string Of(ReadOnlySpan<byte> secret, LandlordId landlord, string customer)
    {
        // The length keeps 'ab' + 'c' and 'a' + 'bc' apart.
        var text = $"{landlord.Value.Length}:{landlord.Value}:{customer}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, Bytes));
    }
}
