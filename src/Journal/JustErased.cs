using NodaTime;

namespace Exchange.Journal;

/// <summary>
/// Whoever read before somebody was erased, and writes after it, would bring the address back. For a while such an
/// append is a conflict: it is decided again, from what is shown now. Notes of who asked for something are no part of
/// this.
/// </summary>
internal static class JustErased
{
    private const int SaltBytes = 16;

    /// <summary>Longer than any command takes between reading and writing.</summary>
    public static readonly Duration Long = Duration.FromMinutes(10);

    /// <param name="who">Who appends.</param>
    /// <param name="erased">Salt and hash of each.</param>
    /// <exception cref="ConflictException">One of them holds somebody who was just erased.</exception>
    public static void Refuse(IReadOnlyList<StreamAppend> appends, string? who, byte[][] erased)
    {
        foreach (var append in appends.Where(one => !one.Stream.StartsWith("audit", StringComparison.Ordinal)))
        {
            var named = append.Stream[(append.Stream.IndexOf('-', StringComparison.Ordinal) + 1)..];
            if (append.Events.Select(happened => happened.Json).Append(named).Append(who ?? "")
                .SelectMany(ErasedToken.Addresses).Distinct(StringComparer.Ordinal)
                .Any(address => erased.Any(one => ErasedToken.Hash(one[..SaltBytes], address).AsSpan()
                    .SequenceEqual(one.AsSpan(SaltBytes)))))
            {
                throw new ConflictException(append.Stream);
            }
        }
    }
}
