using Exchange.Journal;
using Npgsql;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Exchange.Market.Peers;

/// <summary>The Ed25519 key by which an exchange signs what it says to others (RFC 8032).</summary>
public sealed class SigningKey
{
    private readonly Ed25519PrivateKeyParameters _key;

    private SigningKey(Ed25519PrivateKeyParameters key) => _key = key;

    /// <summary>What others are to know: 32 bytes in base64.</summary>
    public string Public => Convert.ToBase64String(_key.GeneratePublicKey().GetEncoded());

    /// <param name="secret">The 32 bytes of the private key.</param>
    public static SigningKey Of(byte[] secret) => new(new(secret, 0));

    /// <summary>This exchange's own; it is made when it is asked for first, and never leaves the database.</summary>
    public static async Task<SigningKey> Own(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Make = "insert into market.signing_key (is_own, secret) values (true, $1) on conflict do nothing";
        const string Read = "select secret from market.signing_key";
        for (; ; )
        {
            await using (var command = database.Statement(Read, []))
            {
                if (await command.ExecuteScalarAsync(ct) is byte[] secret)
                {
                    return Of(secret);
                }
            }

            var made = new Ed25519PrivateKeyParameters(new SecureRandom());
            await database.Execute(Make, [made.GetEncoded()], ct);
        }
    }

    /// <summary>Makes another one: what is drawn from now on is signed by it.</summary>
    public static async Task<SigningKey> Renew(NpgsqlDataSource database, CancellationToken ct)
    {
        _ = await Own(database, ct);
        var made = new Ed25519PrivateKeyParameters(new SecureRandom());
        await database.Execute("update market.signing_key set secret = $1", [made.GetEncoded()], ct);
        return new(made);
    }

    public byte[] Sign(byte[] message)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, _key);
        signer.BlockUpdate(message, 0, message.Length);
        return signer.GenerateSignature();
    }

    /// <summary>Whether a text is a public key: a point of the curve that is not one of the weak few.</summary>
    public static bool IsPublicKey(string text) => Parsed(text) is not null;

    public static bool IsSignedBy(string publicKey, byte[] message, byte[] signature)
    {
        if (signature.Length != Ed25519PrivateKeyParameters.SignatureSize || Parsed(publicKey) is not { } key)
        {
            return false;
        }

        var verifier = new Ed25519Signer();
        verifier.Init(forSigning: false, key);
        verifier.BlockUpdate(message, 0, message.Length);
        return verifier.VerifySignature(signature);
    }

    private static Ed25519PublicKeyParameters? Parsed(string text)
    {
        var bytes = new byte[Ed25519PublicKeyParameters.KeySize + 4];
        if (!Convert.TryFromBase64String(text, bytes, out var length) ||
            length != Ed25519PublicKeyParameters.KeySize)
        {
            return null;
        }

        try
        {
            return Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.ValidatePublicKeyFull(bytes[..length], 0)
                ? new(bytes, 0)
                : null;
        }
        catch (ArgumentException)
        {
            return null; // It is no point of the curve.
        }
    }
}
