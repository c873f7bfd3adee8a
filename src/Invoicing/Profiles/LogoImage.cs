using System.Buffers.Binary;
using System.Security.Cryptography;
using Exchange.Facts;
using Exchange.Journal;

namespace Exchange.Invoicing.Profiles;

/// <summary>The picture above an issuer's name: a PNG of bounded size, kept in the journal in base 64.</summary>
public static class LogoImage
{
    public const int MaxBytes = 32 << 10;
    private const int MaxPixels = 2_000;
    private const int Header = 33;
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The picture that a file names, beside it.</summary>
    /// <exception cref="RefusedException">It cannot be read, or is no PNG that can be printed.</exception>
    public static string Read(string name, string file)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".", name);
        if (Path.GetFileName(name) != name || !File.Exists(path) || new FileInfo(path).Length > MaxBytes)
        {
            var refusal = Wrong($"There is no file '{name}' of at most {MaxBytes >> 10} KiB beside it");
            throw new RefusedException(refusal with { Where = file });
        }

        var logo = Convert.ToBase64String(File.ReadAllBytes(path));
        return Checked(logo) is { } wrong ? throw new RefusedException(wrong with { Where = path }) : logo;
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static Refusal? Checked(string logo)
    {
        var png = new byte[MaxBytes + 1];
        if (!Convert.TryFromBase64String(logo, png, out var length) || length > MaxBytes)
        {
            return Wrong($"It is no PNG of at most {MaxBytes >> 10} KiB in base 64");
        }

        return length > Header && png.AsSpan(0, Signature.Length).SequenceEqual(Signature) &&
            Side(png, 16) is > 0 and <= MaxPixels && Side(png, 20) is > 0 and <= MaxPixels
            ? Undrawable.In(png.AsMemory(0, length))
            : Wrong($"It is no PNG of at most {MaxPixels} pixels a side");
    }

    public static string HashOf(string logo) =>
        Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(logo)));

    /// <summary>A picture that was ever published, by its hash; null where there is none.</summary>
    public static async Task<byte[]?> Find(IJournal journal, string? hash, CancellationToken ct) => hash is null
        ? null
        : (await PublishFacts.Read(journal, ct)).Versions
            .GetValueOrDefault(new(IssuerProfile.Facts.Name, IssuerProfile.Exchange), [])
            .Where(version => version.Content is not null)
            .Select(version => IssuerProfile.Facts.Read(version.Content!.Value).Logo)
            .Where(logo => logo is not null && HashOf(logo) == hash)
            .Select(logo => Convert.FromBase64String(logo!)).FirstOrDefault();

    private static uint Side(byte[] png, int at) => BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at, 4));

    private static Refusal Wrong(string why) => new("settings/logo", $"{why}. Save the logo as a small PNG.");
}
