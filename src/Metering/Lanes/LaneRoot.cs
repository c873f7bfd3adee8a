using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Exchange.Metering;

/// <summary>The root of the Merkle tree over the ends of all lanes: one hash that stands for all of them.</summary>
internal static class LaneRoot
{
    public static string Of(IReadOnlyList<LaneHeadsEvent.End> ends)
    {
        byte[][] nodes = [.. ends.Select(Leaf)];
        while (nodes.Length > 1)
        {
            nodes = [.. nodes.Chunk(2).Select(two => two is [var left, var right]
                ? SHA256.HashData([1, .. left, .. right])
                : two[0])];
        }

        return Convert.ToHexStringLower(nodes[0]);
    }

    /// <summary>Whether the root of a seal is what its ends come to.</summary>
    public static bool Fits(LaneHeadsEvent.Sealed seal) => seal.Ends.Count > 0 && Of(seal.Ends) == seal.Root;

    /// <param name="place">Which of its day it is.</param>
    public static Refusal Differs(string stream, int place, LaneHeadsEvent.Sealed seal) => new(
        "meter/seal-differs",
        $"The ends of lanes sealed at {Text.Of(seal.At)} do not come to the root that was sealed with them: somebody " +
        "changed one of the two. Restore the journal from a backup.",
        string.Create(CultureInfo.InvariantCulture, $"{stream}, seal {place + 1}"));

    private static byte[] Leaf(LaneHeadsEvent.End end)
    {
        var hash = Convert.FromHexString(end.Hash);
        var leaf = new byte[12 + hash.Length];
        BinaryPrimitives.WriteInt32BigEndian(leaf, end.Lane);
        BinaryPrimitives.WriteInt64BigEndian(leaf.AsSpan(4), end.Number);
        hash.CopyTo(leaf.AsSpan(12));
        return SHA256.HashData(leaf);
    }
}
