using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// What a meter without a network hands over: its events as lines of JSON, numbered without a gap, linked to the
/// bundle before, signed, and compressed. The first line is the header, the last one the signature of all before it.
/// </summary>
public sealed record MeterBundle
{
    public const string Form = "exchange-bundle/1";
    private const int Largest = 256 << 20;

    public required string Meter { get; init; }

    /// <summary>1, 2, 3 … for ever.</summary>
    public required long Sequence { get; init; }

    /// <summary>The hash of what was signed in the bundle before, in hex; null in the first.</summary>
    public string? Previous { get; init; }

    /// <summary>CloudEvents, one a line.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The hash of what the meter signed, in hex.</summary>
    public string Sha256 { get; init; } = "";

    private sealed record Header(string Bundle, string Meter, long Sequence, string? Previous, long Events);

    private sealed record Seal(string Signature);

    /// <summary>Writes a bundle as its meter does; the hash is what the next bundle names.</summary>
    /// <param name="key">The meter's own key, on the curve P-256.</param>
    public string Write(Stream stream, ECDsa key)
    {
        var header = new Header(Form, Meter, Sequence, Previous, Events.Count);
        var signed = Encoding.UTF8.GetBytes(string.Concat(
            Events.Prepend(JsonSerializer.Serialize(header, Text.Json)).Select(line => line + "\n")));
        var seal = new Seal(Convert.ToBase64String(key.SignData(signed, HashAlgorithmName.SHA256)));
        using var packed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        packed.Write(signed);
        packed.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(seal, Text.Json) + "\n"));
        return Convert.ToHexStringLower(SHA256.HashData(signed));
    }

    /// <summary>Reads a bundle and checks its signature; nothing of a bundle that was changed is handed out.</summary>
    /// <param name="keyOf">The public key of a meter, in PEM; null for one that is not known.</param>
    /// <exception cref="RefusedException">It is cut off, of an unknown meter, or was changed.</exception>
    public static MeterBundle Read(Stream stream, string file, Func<string, string?> keyOf)
    {
        var all = Unpacked(stream, file);
        var end = all.AsSpan().TrimEnd((byte)'\n').LastIndexOf((byte)'\n') + 1;
        var signed = all.AsSpan(0, end);
        var sealing = all.AsSpan(end);
        var first = signed.IndexOf((byte)'\n');
        if (first < 0 || Parsed<Header>(signed[..first]) is not { Bundle: Form, Meter.Length: > 0 } header ||
            header.Sequence < 1 || Parsed<Seal>(sealing) is not { Signature.Length: > 0 } seal)
        {
            throw new RefusedException(new("bundle/broken",
                "This is not a whole bundle: it has no header or no signature. Fetch it from its meter again.", file));
        }

        var pem = keyOf(header.Meter) ?? throw new RefusedException(new("bundle/unknown-meter",
            $"No key of meter '{header.Meter}' is known. Add it to the collector's meters.", file));
        using var key = PublicKey(pem, header.Meter, file);
        var signature = new byte[seal.Signature.Length];
        if (!Convert.TryFromBase64String(seal.Signature, signature, out var length) ||
            !key.VerifyData(signed, signature.AsSpan(0, length), HashAlgorithmName.SHA256))
        {
            throw new RefusedException(new("bundle/bad-signature",
                $"Bundle {header.Sequence} of '{header.Meter}' was changed after it was signed, or signed by someone " +
                "else. Nothing of it is taken; fetch it from its meter again.", file));
        }

        List<string> events = [.. Encoding.UTF8.GetString(signed[(first + 1)..])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        return new()
        {
            Meter = header.Meter,
            Sequence = header.Sequence,
            Previous = header.Previous,
            Events = events,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(signed)),
        };
    }

    private static ECDsa PublicKey(string pem, string meter, string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new RefusedException(new("bundle/bad-key",
                $"What the collector's meters name as the key of '{meter}' is not a public key in PEM, so nothing of " +
                "its bundle is taken. Put the public half there: 'openssl ec -in meter.key -pubout -out meter.pem'.",
                file));
        }
    }

    private static byte[] Unpacked(Stream stream, string file)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 << 10];
        using var unpacked = InputFile.Unwrap(stream);
        for (int read; (read = InputFile.Read(unpacked, buffer, file)) > 0; all.Write(buffer, 0, read))
        {
            if (all.Length > Largest)
            {
                throw new RefusedException(new("bundle/too-large",
                    $"The bundle is larger than {Largest >> 20} MiB. Have its meter send more of them.", file));
            }
        }

        return all.ToArray();
    }

    private static T? Parsed<T>(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Text.Json);
        }
        catch (JsonException)
        {
            return default; // Whatever it is, it is not that line.
        }
    }
}
