using System.IO.Compression;

namespace Exchange.Metering;

/// <summary>Lines of text, compressed as one.</summary>
internal static class PackedLines
{
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
}
