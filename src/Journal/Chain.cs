using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Exchange.Journal;

/// <summary>
/// The hash chain over the journal: each event's hash covers the hash before it, so that no stored byte can change,
/// vanish or be moved without every later hash telling.
/// </summary>
public static class Chain
{
    /// <summary>What stands before the first event.</summary>
    public static ReadOnlyMemory<byte> Genesis { get; } = new byte[SHA256.HashSizeInBytes];

    /// <summary>Postgres keeps microseconds; what is hashed must be what is read back.</summary>
    public static Instant Cut(Instant instant) =>
        Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);

    /// <param name="headers">Covered where there are any: events of before had none, and their hashes stay.</param>
    public static byte[] Link(
        ReadOnlySpan<byte> before, long position, string stream, long version, EventText happened, Instant at,
        EventHeaders? headers = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        Number(hash, position);
        Words(hash, stream);
        Number(hash, version);
        Number(hash, at.ToUnixTimeTicks());
        Words(hash, happened.Type);
        Words(hash, happened.Json);
        if (headers is not null)
        {
            Words(hash, headers.Who);
            Words(hash, headers.Command);
            Words(hash, headers.Correlation);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The id under which Marten keeps an event: the beginning of its hash.</summary>
    public static Guid IdOf(ReadOnlySpan<byte> hash) => new(hash[..16], bigEndian: true);

    private static void Number(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void Words(IncrementalHash hash, string? words)
    {
        if (words is null)
        {
            Number(hash, -1);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(words);
        Number(hash, bytes.Length);
        hash.AppendData(bytes);
    }
}
