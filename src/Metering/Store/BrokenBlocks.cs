using System.Security.Cryptography;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Names every block that is not what was written; each is compared with the one before as stored.</summary>
internal static class BrokenBlocks
{
    private const int MaxNamed = 100;
    private const int BlocksAStep = 64;

    /// <param name="first">The place that is named already.</param>
    /// <param name="upTo">The block that is the last.</param>
    public static async Task<IReadOnlyList<string>> After(
        NpgsqlConnection connection, string first, long upTo, CancellationToken ct)
    {
        var found = new List<string>();
        var (number, stored, made) = (0L, new byte[SHA256.HashSizeInBytes], new byte[SHA256.HashSizeInBytes]);
        for (var last = -1L; last != number && found.Count < MaxNamed;)
        {
            last = number;
            await foreach (var (block, kept) in BlockChain.BlocksAfter(connection, number, BlocksAStep, ct))
            {
                // Behind one that is gone nothing says what a block was linked to.
                var isFirst = block.Number != number + 1;
                Name(number + 1, block.Number - 1);
                var link = block.Link(stored);
                var isWhole = isFirst || link.AsSpan().SequenceEqual(kept) ||
                    block.Link(made).AsSpan().SequenceEqual(kept); // Of the one before, only its hash was changed.
                if (!isWhole)
                {
                    Name(block.Number, block.Number);
                }

                (number, stored, made) = (block.Number, kept, link);
            }
        }

        Name(number + 1, upTo);
        return found;

        void Name(long from, long to)
        {
            for (var one = from; one <= to && found.Count < MaxNamed; one++)
            {
                if (first != $"block {one}")
                {
                    found.Add($"block {one}");
                }
            }
        }
    }
}
