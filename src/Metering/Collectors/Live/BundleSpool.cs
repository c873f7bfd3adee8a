using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// The directory into which a meter without a network puts its bundles, one after the other: the next one is numbered
/// and linked by the newest that is there.
/// </summary>
public static class BundleSpool
{
    private const string Ending = ".bundle";

    /// <summary>A bundle that was written, and where.</summary>
    public sealed record Packed(string Path, long Sequence, int Events, string Sha256);

    /// <summary>Writes the next bundle of a meter: whole under its name, or not there.</summary>
    /// <param name="pem">The meter's private key on the curve P-256, in PEM.</param>
    /// <param name="files">CloudEvents, one a line.</param>
    /// <exception cref="RefusedException">
    /// There is nothing to pack, a line is not an event, the key is none, or the newest bundle is not the meter's own.
    /// </exception>
    public static Packed Pack(string directory, string meter, string pem, IReadOnlyList<string> files)
    {
        using var key = Key(pem);
        List<string> events = [.. files.SelectMany(Events)];
        if (events.Count == 0)
        {
            throw new RefusedException(new(
                "bundle/empty", "There is no event to pack. An hour without usage needs no bundle.", files[0]));
        }

        Directory.CreateDirectory(directory);
        var before = Newest(directory, meter, key);
        var bundle = new MeterBundle
        {
            Meter = meter,
            Sequence = (before?.Sequence ?? 0) + 1,
            Previous = before?.Sha256,
            Events = events,
        };
        var path = Path.Combine(directory, NameOf(meter, bundle.Sequence));
        var hidden = Path.Combine(directory, $".{Path.GetFileName(path)}");
        string sha256;
        using (var file = new FileStream(hidden, FileMode.Create))
        {
            sha256 = bundle.Write(file, key);
            file.Flush(flushToDisk: true);
        }

        File.Move(hidden, path, overwrite: false);
        return new(path, bundle.Sequence, events.Count, sha256);
    }

    private static string NameOf(string meter, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{meter}-{sequence:00000000}{Ending}");

    private static MeterBundle? Newest(string directory, string meter, ECDsa key)
    {
        var path = Directory.EnumerateFiles(directory, $"{meter}-*{Ending}")
            .Where(file => Path.GetFileName(file).Length == NameOf(meter, 1).Length)
            .Max(StringComparer.Ordinal);
        if (path is null)
        {
            return null;
        }

        using var file = File.OpenRead(path);
        return MeterBundle.Read(file, path, name => name == meter ? key.ExportSubjectPublicKeyInfoPem() : null);
    }

    private static IEnumerable<string> Events(string path)
    {
        using var input = InputFile.Open(path);
        using var lines = new StreamReader(input, Encoding.UTF8);
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            if (line.Trim() is { Length: > 0 } text)
            {
                yield return IsEvent(text)
                    ? text
                    : throw new RefusedException(new(
                        "bundle/not-an-event",
                        "This line is not a CloudEvent. Write one event a line; nothing was packed.",
                        string.Create(CultureInfo.InvariantCulture, $"{path}:{number}")));
            }
        }
    }

    private static bool IsEvent(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object &&
                EventJson.Has(json.RootElement, "specversion", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ECDsa Key(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: true) is { D: not null } known &&
                known.Curve.Oid?.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // It is no key of ours, whatever else it is.
        }

        key.Dispose();
        throw new RefusedException(new(
            "bundle/bad-key",
            "This is not a private key on the curve P-256 in PEM. Make one: 'openssl ecparam -name prime256v1 " +
            "-genkey " +
            "-noout -out meter.key', and its public half: 'openssl ec -in meter.key -pubout -out meter.pem'."));
    }
}
