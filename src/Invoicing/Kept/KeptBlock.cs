using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Invoicing.Kept;

/// <summary>A block of what a close kept: entries as lines of JSON, compressed, chained to the block before.</summary>
/// <param name="Digest">
/// The hash of something random and the body: a chain can be walked without reading what is in it, and holds when the
/// body is gone.
/// </param>
internal sealed record KeptBlock(
    string Run, int Number, BillingMonth Closed, string Kind, BillingMonth Month, string First, string Last,
    int Entries, byte[] Digest, byte[] Hash, byte[] Body)
{
    public const string Lines = "lines";
    public const string Parts = "parts";
    public const string Projects = "projects";

    /// <summary>
    /// So much text is compressed at a time: at its fastest, Brotli looks for nothing before what it is given at once.
    /// </summary>
    private const int Piece = 1 << 16;

    private const int SaltBytes = 16;

    private static readonly JsonWriterOptions Writing = new() { Encoder = Text.Json.Encoder, SkipValidation = true };

    /// <summary>What is random in the digest; nothing in blocks of before, and in those that were emptied.</summary>
    public byte[] Salt { get; init; } = [];

    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(SaltBytes);

    /// <summary>What the first block of the first close follows.</summary>
    public static byte[] Genesis => new byte[SHA256.HashSizeInBytes];

    /// <summary>The same block with its place in the chain.</summary>
    public KeptBlock After(byte[] hash)
    {
        var sealedBody = this with { Digest = DigestOf(Salt, Body) };
        return sealedBody with { Hash = sealedBody.HashAfter(hash) };
    }

    /// <summary>Whether an entry about a charge may be in it.</summary>
    public bool Spans(string key) =>
        string.CompareOrdinal(First, key) <= 0 && string.CompareOrdinal(key, Last) <= 0;

    public bool HasBody => DigestOf(Salt, Body).AsSpan().SequenceEqual(Digest);

    /// <summary>Whether somebody was erased from it, so that its body went.</summary>
    public bool IsEmptied => Body.Length == 0 && Salt.Length == 0;

    public byte[] HashAfter(byte[] before)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(before);
        sha.AppendData(Encoding.UTF8.GetBytes(
            $"{Number}\n{Closed}\n{Kind}\n{Month}\n{First}\n{Last}\n{Entries}\n"));
        sha.AppendData(Digest);
        return sha.GetHashAndReset();
    }

    private static byte[] DigestOf(byte[] salt, byte[] body)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(salt);
        sha.AppendData(body);
        return sha.GetHashAndReset();
    }

    public static byte[] Pack<T>(IEnumerable<T> entries)
    {
        using var entry = entries.GetEnumerator();
        return entry.MoveNext() ? Pack(entry, int.MaxValue, out _, out _) : [];
    }

    /// <summary>Packs entries one by one, the current one first; none of them is held.</summary>
    /// <param name="most">After so many it ends; the enumerator stands at the last that was packed.</param>
    public static byte[] Pack<T>(IEnumerator<T> entry, int most, out int count, out T last)
    {
        using var packed = new MemoryStream();
        using (var compressed = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var text = new ArrayBufferWriter<byte>(2 * Piece);
            using var json = new Utf8JsonWriter(text, Writing);
            count = 0;
            do
            {
                last = entry.Current;
                JsonSerializer.Serialize(json, last, Text.Json);
                json.Flush();
                json.Reset();
                text.Write("\n"u8);
                if (text.WrittenCount >= Piece)
                {
                    compressed.Write(text.WrittenSpan);
                    text.ResetWrittenCount();
                }
            }
            while (++count < most && entry.MoveNext());
            compressed.Write(text.WrittenSpan);
        }

        return packed.ToArray();
    }

    /// <summary>The entries as they are written.</summary>
    public static IReadOnlyList<string> Texts(byte[] packed)
    {
        using var reader = new StreamReader(new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    public static byte[] PackTexts(IEnumerable<string> lines)
    {
        using var packed = new MemoryStream();
        using (var compressed = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var line in lines)
            {
                compressed.Write(Encoding.UTF8.GetBytes($"{line}\n"));
            }
        }

        return packed.ToArray();
    }

    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public IReadOnlyList<T> Unpack<T>() => Unpack<T>(Body, Entries);

    /// <exception cref="InvalidDataException">What was packed is damaged.</exception>
    public static IReadOnlyList<T> Unpack<T>(byte[] packed, int count)
    {
        using var reader = new StreamReader(new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress));
        var entries = new List<T>(count);
        while (reader.ReadLine() is { } line)
        {
            entries.Add(JsonSerializer.Deserialize<T>(line, Text.Json)
                ?? throw new InvalidDataException("A packed entry is empty."));
        }

        return entries;
    }
}
