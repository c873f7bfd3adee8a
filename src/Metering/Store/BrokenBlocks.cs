using System.Security.Cryptography;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Names every block that is not what was written; each is compared with the one before as stored.</summary>
internal static class BrokenBlocks
{
    private const int MaxNamed = 100;
    private const int BlocksAStep = 64;

    /// <param name="first">The place that is named already.</param>
    public static async Task<IReadOnlyList<string>> After(
        NpgsqlConnection connection, string first, CancellationToken ct)
    {
        var found = new List<string>();
        var (number, stored, made) = (0L, new byte[SHA256.HashSizeInBytes], new byte[SHA256.HashSizeInBytes]);
        for (var last = -1L; last != number && found.Count < MaxNamed;)
        {
            last = number;
            await foreach (var (block, kept) in BlockChain.BlocksAfter(connection, number, BlocksAStep, ct))
            {
                var link = block.Link(stored);
                var isWhole = block.Number == number + 1 && (link.AsSpan().SequenceEqual(kept) ||
                    block.Link(made).AsSpan().SequenceEqual(kept)); // Of the one before, only its hash was changed.
                if (!isWhole && first != $"block {block.Number}")
                {
                    found.Add($"block {block.Number}");
                }

                (number, stored, made) = (block.Number, kept, link);
            }
        }

        return found;
    }
}
