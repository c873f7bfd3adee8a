using System.Security.Cryptography;
using System.Text;

namespace Exchange.Portal.Backups;

/// <summary>
/// With what a backup is sealed and opened: nothing, a passphrase, or a pair of keys on the curve P-256. The key of the
/// chunks comes from the secret and from every byte of the header.
/// </summary>
internal abstract record BackupKey
{
    private const int Rounds = 600_000;
    private const int MaxRounds = 10_000_000;
    private const int KeyLength = 32;

    private BackupKey() { }

    public abstract BackupHeader NewHeader();

    /// <summary>What is secret between whoever sealed a backup of this header and whoever opens it.</summary>
    protected abstract byte[] Secret(BackupHeader header, string file);

    /// <summary>The key of the chunks of a backup.</summary>
    public byte[] Of(BackupHeader header, byte[] bytes, string file) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Secret(header, file), KeyLength, header.Salt, SHA256.HashData(bytes));

    /// <summary>The passphrase on the first line of a file.</summary>
    /// <exception cref="RefusedException">Others can read the file, or it holds no passphrase.</exception>
    public static BackupKey Passphrase(string text, string file)
    {
        Guard(file);
        var words = text.Split('\n')[0].Trim('\r', ' ');
        return words.Length > 0 ? new OfPassphrase(words) : throw new RefusedException(new(
            "backup/no-passphrase", "The first line of this file is to be the passphrase, and is empty.", file));
    }

    /// <summary>The key of a recipient: the public half to seal, the private one to open.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static BackupKey Recipient(string pem, string file) => new OfRecipient(Imported(pem, file));

    private static ECDiffieHellman Imported(string pem, string file)
    {
        var key = ECDiffieHellman.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (Exception e) when (
            e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            // Told below, with what it is to be.
        }

        throw new RefusedException(new(
            "backup/bad-key",
            "This is no key on the curve P-256. Make one with 'openssl ecparam -name prime256v1 -genkey -noout -out " +
            "backup.key', and its public half with 'openssl ec -in backup.key -pubout -out backup.pub'.", file));
    }

    private static void Guard(string file)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead |
            UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new RefusedException(new(
                "backup/open-to-others", $"Others on this machine can read this file. Run: chmod 600 {file}", file));
        }
    }

    private static RefusedException Otherwise(BackupHeader header, string file) => new(header.Sealing switch
    {
        Sealing.Passphrase => new(
            "backup/needs-passphrase",
            "It is sealed with a passphrase. Name the file that holds it: '--passphrase-file FILE'.", file),
        Sealing.Recipient => new(
            "backup/needs-key",
            "It is sealed for a recipient. Name the recipient's private key: '--key-file FILE'.", file),
        _ => new("backup/not-sealed", "It is not sealed with anything. Leave the key out.", file),
    });

    /// <summary>Sealed with nothing: the sums of the chunks are those of a key that anybody knows.</summary>
    public sealed record Nobody : BackupKey
    {
        public override BackupHeader NewHeader() => BackupHeader.Of(Sealing.Open);

        protected override byte[] Secret(BackupHeader header, string file) => header.Sealing == Sealing.Open
            ? "exchange backup that is open"u8.ToArray()
            : throw Otherwise(header, file);
    }

    /// <summary>Sealed with words that people keep.</summary>
    public sealed record OfPassphrase(string Words) : BackupKey
    {
        public override BackupHeader NewHeader() => BackupHeader.Of(Sealing.Passphrase, Rounds);

        protected override byte[] Secret(BackupHeader header, string file) =>
            header is { Sealing: Sealing.Passphrase, Rounds: > 0 and <= MaxRounds }
                ? Rfc2898DeriveBytes.Pbkdf2(
                    Encoding.UTF8.GetBytes(Words), header.Salt, header.Rounds, HashAlgorithmName.SHA512, KeyLength)
                : throw Otherwise(header, file);
    }

    /// <summary>Sealed for whoever has the private key; to seal, the public one is enough.</summary>
    public sealed record OfRecipient(ECDiffieHellman Key) : BackupKey
    {
        private byte[]? _made;

        public override BackupHeader NewHeader()
        {
            using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            _made = sender.DeriveRawSecretAgreement(Key.PublicKey);
            return BackupHeader.Of(Sealing.Recipient, sender: sender.ExportSubjectPublicKeyInfo());
        }

        protected override byte[] Secret(BackupHeader header, string file)
        {
            if (header is not { Sealing: Sealing.Recipient, Sender: { } sender })
            {
                throw Otherwise(header, file);
            }

            if (_made is not null)
            {
                return _made;
            }

            using var other = ECDiffieHellman.Create();
            try
            {
                other.ImportSubjectPublicKeyInfo(sender, out _);
                return Key.DeriveRawSecretAgreement(other.PublicKey);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException)
            {
                throw new RefusedException(new(
                    "backup/bad-key",
                    "This is no private key on the curve P-256 for this backup. Name the file that the public half " +
                    "was made of.", file));
            }
        }
    }
}
