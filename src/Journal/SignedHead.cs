using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;

namespace Exchange.Journal;

/// <summary>
/// The end of the chain as it was at a time, signed by the exchange. Whoever holds one can tell later whether all that
/// was there is still there: no chain of its own shows that its end was cut off, or that an old backup came back.
/// </summary>
/// <param name="Key">The public key, so that a head says whose it is: PEM without its frame.</param>
public sealed record SignedHead(long Position, string Hash, Instant At, string Key, string Signature)
{
    /// <summary>Signs the end of the chain with a private key on the curve P-256.</summary>
    public static SignedHead Sign(long position, ReadOnlyMemory<byte> hash, Instant at, ECDsa key)
    {
        var unsigned = new SignedHead(
            position, Convert.ToHexStringLower(hash.Span), at,
            Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), "");
        return unsigned with
        {
            Signature = Convert.ToBase64String(key.SignData(unsigned.Signed(), HashAlgorithmName.SHA256)),
        };
    }

    /// <exception cref="RefusedException">The file is no signed head.</exception>
    public static SignedHead Parse(string text, string file)
    {
        try
        {
            var head = JsonSerializer.Deserialize<SignedHead>(text, Text.Json);
            return head is { Hash: not null, Key: not null, Signature: not null }
                ? head
                : throw new JsonException("It is empty.");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw new RefusedException(new(
                "verify/not-a-head",
                $"This is not a signed head of the journal ({e.Message.ReplaceLineEndings(" ")}). 'exchange verify " +
                "--write-head FILE' writes one.", file));
        }
    }

    public string Write() => JsonSerializer.Serialize(this, Text.Json) + "\n";

    /// <summary>Whether the signature is of this head by the key that it names.</summary>
    public bool IsGenuine()
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Key), out _);
            return key.VerifyData(Signed(), Convert.FromBase64String(Signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private byte[] Signed() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"exchange journal head/1\n{Position}\n{Hash}\n{Text.Of(At)}\n"));
}
