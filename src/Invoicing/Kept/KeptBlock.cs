using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Invoicing.Kept;

/// <summary>A block of what a close kept: entries as lines of JSON, compressed, chained to the block before.</summary>
/// <param name="Digest">The hash of the body: a chain can be walked without reading what is in it.</param>
internal sealed record KeptBlock(
    string Run, int Number, BillingMonth Closed, string Kind, BillingMonth Month, string First, string Last,
    int Entries, byte[] Digest, byte[] Hash, byte[] Body)
{
    public const string Lines = "lines";
    public const string Parts = "parts";
    public const string Projects = "projects";

    /// <summary>What the first block of the first close follows.</summary>
    public static byte[] Genesis => new byte[SHA256.HashSizeInBytes];

    /// <summary>The same block with its place in the chain.</summary>
    public KeptBlock After(byte[] hash)
    {
        var sealedBody = this with { Digest = SHA256.HashData(Body) };
        return sealedBody with { Hash = sealedBody.HashAfter(hash) };
    }

    /// <summary>Whether an entry about a charge may be in it.</summary>
    public bool Spans(string key) =>
        string.CompareOrdinal(First, key) <= 0 && string.CompareOrdinal(key, Last) <= 0;

    public bool HasBody => SHA256.HashData(Body).AsSpan().SequenceEqual(Digest);

    public byte[] HashAfter(byte[] before)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(before);
        sha.AppendData(Encoding.UTF8.GetBytes(
            $"{Number}\n{Closed}\n{Kind}\n{Month}\n{First}\n{Last}\n{Entries}\n"));
        sha.AppendData(Digest);
        return sha.GetHashAndReset();
    }

    public static byte[] Pack<T>(IEnumerable<T> entries)
    {
        using var packed = new MemoryStream();
        using (var compressed = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            foreach (var entry in entries)
            {
                JsonSerializer.Serialize(compressed, entry, Text.Json);
                compressed.WriteByte((byte)'\n');
            }
        }

        return packed.ToArray();
    }

    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public IReadOnlyList<T> Unpack<T>()
    {
        using var reader = new StreamReader(new BrotliStream(new MemoryStream(Body), CompressionMode.Decompress));
        var entries = new List<T>(Entries);
        while (reader.ReadLine() is { } line)
        {
            entries.Add(JsonSerializer.Deserialize<T>(line, Text.Json)
                ?? throw new InvalidDataException($"Block {Number} of {Run} holds an empty entry."));
        }

        return entries;
    }
}
