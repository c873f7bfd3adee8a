using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>Names that nobody needs to wait for, as 'Q-7F3K2M9Q': drawn from what they are for and when.</summary>
internal static class NewId
{
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: none looks like another.

    /// <summary>The first that nobody has.</summary>
    public static async Task<string> Draw(
        string prefix, string of, Instant now, Func<string, Task<bool>> isFree)
    {
        for (var tried = 0; ; tried++)
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{now.ToUnixTimeTicks()} {of} {tried}"));
            var id = $"{prefix}-{string.Concat(hash.Take(8).Select(one => Letters[one % Letters.Length]))}";
            if (await isFree(id))
            {
                return id;
            }
        }
    }
}
