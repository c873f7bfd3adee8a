using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Servers;

/// <summary>
/// Servers know each other by certificates of an authority of their own: whoever has one is a server of this exchange,
/// wherever it is. Both sides show theirs.
/// </summary>
internal sealed class MutualTls
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead |
        UnixFileMode.OtherWrite;

    private readonly X509Certificate2Collection _authorities;

    private MutualTls(X509Certificate2 own, X509Certificate2Collection authorities) =>
        (Own, _authorities) = (own, authorities);

    public X509Certificate2 Own { get; }

    /// <exception cref="RefusedException">A file is missing, cannot be read, or can be read by others.</exception>
    public static MutualTls Read(string? certificate, string? authority)
    {
        var (own, issuer) = (Named(certificate, "--cluster-certificate"), Named(authority, "--cluster-authority"));
        if ((File.GetUnixFileMode(own) & Others) != 0)
        {
            throw new RefusedException(new(
                "serve/cluster-key-open",
                $"Others on this machine can read the key in this file. Run: chmod 600 {own}", own));
        }

        var authorities = new X509Certificate2Collection();
        Read(issuer, () => authorities.ImportFromPemFile(issuer));
        var tls = new MutualTls(Read(own, () => X509Certificate2.CreateFromPemFile(own)), authorities);
        return tls.Trusts(tls.Own)
            ? tls
            : throw Unusable(own, $"it is not of the authority in {issuer}, or its time is over.");
    }

    /// <summary>Whether a certificate is of the authority, and its time is not over.</summary>
    public bool Trusts(X509Certificate2 other)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true; // A stranger's certificate names where from.
        return chain.Build(other);
    }

    private static string Named(string? file, string option) => file is not null && File.Exists(file)
        ? file
        : throw new RefusedException(new(
            "serve/cluster-certificate",
            file is null
                ? $"Servers know each other by two files, and {option} names none."
                : $"There is no file '{file}'. It is to hold a certificate.", option));

    private static void Read(string file, Action read) => Read(file, () =>
    {
        read();
        return true;
    });

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, e.Message);
        }
    }

    private static RefusedException Unusable(string file, string why) => new(new(
        "serve/cluster-certificate",
        $"The certificate cannot be used: {why} Write it as PEM, the server's own with its key in one file.", file));
}
