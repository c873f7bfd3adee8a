using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Exchange.Journal;

namespace Exchange.Invoicing.Settlements;

/// <summary>
/// The name under which a landlord knows a customer when it may not know them: keyed, one for each landlord and
/// customer, the same in open and closed months and at every door. Names of two landlords have nothing in common.
/// </summary>
public sealed class Pseudonyms
{
    private const string Stream = "pseudonyms-exchange";
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";
    private readonly byte[] _key;
    private readonly LandlordId _landlord;

    private Pseudonyms(byte[] key, LandlordId landlord) => (_key, _landlord) = (key, landlord);

    /// <summary>Everything that can happen to the key that names are made with.</summary>
    [JsonDerivedType(typeof(KeyMade), "pseudonym-key-made/1")]
    public abstract record KeyEvent;

    /// <summary>The key was drawn. It never changes: names would.</summary>
    public sealed record KeyMade(string Key) : KeyEvent;

    public static async Task<Pseudonyms> Of(IJournal journal, LandlordId landlord, CancellationToken ct)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if ((await journal.Read<KeyEvent>(Stream, ct)).OfType<KeyMade>().FirstOrDefault() is { } made)
            {
                return new(Convert.FromHexString(made.Key), landlord);
            }

            try
            {
                var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
                await journal.Append([StreamAppend.Of<KeyEvent>(Stream, 0, [new KeyMade(key)])], ct);
            }
            catch (ConflictException) when (attempt < 2)
            {
                continue; // Somebody else drew one at this moment: that one counts.
            }
        }

        throw new InvalidOperationException("No key for names of customers could be kept.");
    }

    /// <summary>'customer-7k2m9qx4wb'.</summary>
    public string Of(Account account)
    {
        var hash = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{_landlord}\n{account.Name}"));
        return "customer-" + string.Concat(hash.Take(12).Select(one => Letters[one % Letters.Length]));
    }
}
