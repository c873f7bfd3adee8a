using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>
/// The stored form of readings: lines of JSON, deflated, each block linked to the one before by its hash.
/// </summary>
internal static class Block
{
    /// <summary>The one text of a reading; two readings have the same content when this is equal.</summary>
    public static string Line(Reading reading) => JsonSerializer.Serialize(reading, Text.Json);

    public static Reading Reading(string line) => JsonSerializer.Deserialize<Reading>(line, Text.Json)!;

    /// <summary>Sixteen bytes that stand for (source, id); their lengths keep 'a','bc' apart from 'ab','c'.</summary>
    public static byte[] Key(string source, string id) =>
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{source.Length}:{source}{id}"))[..16];

    public static byte[] Pack(IEnumerable<string> lines)
    {
        using var packed = new MemoryStream();
        using (var writer = new StreamWriter(new DeflateStream(packed, CompressionLevel.Optimal)))
        {
            foreach (var line in lines)
            {
                writer.Write(line);
                writer.Write('\n');
            }
        }

        return packed.ToArray();
    }

    public static List<string> Unpack(byte[] body)
    {
        using var reader = new StreamReader(new DeflateStream(new MemoryStream(body), CompressionMode.Decompress));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    public static byte[] Link(byte[] before, long number, byte[] body)
    {
        var place = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(place, number);
        return SHA256.HashData([.. before, .. place, .. body]);
    }
}
