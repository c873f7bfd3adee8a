using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Exchange.Journal;

/// <summary>
/// The hash chain over the journal: each event's hash covers the hash before it, so that no stored byte can change,
/// vanish or be moved without every later hash telling. What an event says is covered by a hash of its own, which holds
/// when a person is erased from it.
/// </summary>
public static class Chain
{
    /// <summary>What stands before the first event.</summary>
    public static ReadOnlyMemory<byte> Genesis { get; } = new byte[SHA256.HashSizeInBytes];

    /// <summary>Postgres keeps microseconds; what is hashed must be what is read back.</summary>
    public static Instant Cut(Instant instant) =>
        Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);

    /// <summary>The link of an event by what it says itself: of journals of before, and in memory.</summary>
    private static byte[] LinkByText(ReadOnlySpan<byte> before, Recorded recorded)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        Number(hash, recorded.Position);
        Words(hash, recorded.Stream);
        Number(hash, recorded.Version);
        Number(hash, recorded.At.ToUnixTimeTicks());
        Words(hash, recorded.Event.Type);
        Words(hash, recorded.Event.Json);
        if (recorded.Headers is { } headers) // Events of before had none, and their hashes stay.
        {
            Words(hash, headers.Who);
            Words(hash, headers.Command);
            Words(hash, headers.Correlation);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>
    /// What an event says, as a hash: with something random in front nobody finds by guessing what it was once that is
    /// gone.
    /// </summary>
    public static byte[] Content(ReadOnlySpan<byte> salt, string stream, EventText happened, EventHeaders? headers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        Words(hash, stream);
        Words(hash, happened.Type);
        Words(hash, happened.Json);
        Words(hash, headers?.Who);
        Words(hash, headers?.Command);
        Words(hash, headers?.Correlation);
        return hash.GetHashAndReset();
    }

    /// <summary>The link of an event by the hash of what it says.</summary>
    public static byte[] Link(
        ReadOnlySpan<byte> before, long position, long version, Instant at, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Words(hash, "content"); // The other form begins with the hash before.
        hash.AppendData(before);
        Number(hash, position);
        Number(hash, version);
        Number(hash, at.ToUnixTimeTicks());
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    /// <summary>The link that an event must have, in the form in which it was appended.</summary>
    public static byte[] Link(ReadOnlySpan<byte> before, Recorded recorded) =>
        recorded.Content is { } content
            ? Link(before, recorded.Position, recorded.Version, recorded.At, content.Span)
        : recorded.Salt is { } salt
            ? Link(before, recorded.Position, recorded.Version, recorded.At, Content(
                salt.Span, recorded.Stream, recorded.Event, recorded.Headers))
        : LinkByText(before, recorded);

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
