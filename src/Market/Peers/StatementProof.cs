using System.Security.Cryptography;
using System.Text;

namespace Exchange.Market.Peers;

/// <summary>
/// What the sender of a statement says before its body: the hash of what comes, signed. Whoever can say it is the
/// peer, so that its body is waited for and a stranger's need not be; it is good for that body and no other.
/// </summary>
public static class StatementProof
{
    public const string Header = "Statement-Proof";
    private const string Form = "exchange-statement-proof/1";

    public static string Of(SigningKey key, string text)
    {
        var hash = HashOf(Encoding.UTF8.GetBytes(text));
        return $"{hash}.{Convert.ToBase64String(key.Sign(Signed(hash)))}";
    }

    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>The hash that a header promises; null where that key did not sign it.</summary>
    public static string? Promised(string? header, string publicKey)
    {
        const int HashLength = 64;
        var signature = new byte[64];
        return header is { Length: > HashLength and < 256 } && header[HashLength] == '.' &&
            Convert.TryFromBase64String(header[(HashLength + 1)..], signature, out var length) &&
            length == signature.Length && SigningKey.IsSignedBy(publicKey, Signed(header[..HashLength]), signature)
                ? header[..HashLength]
                : null;
    }

    private static byte[] Signed(string hash) => Encoding.UTF8.GetBytes($"{Form} {hash}");
}
