using System.Runtime.CompilerServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Old blocks that are read again, and are what was written: one of which a byte was changed may tell readings that
/// nobody sent, and what was in it would be taken once more.
/// </summary>
internal static class WholeBlocks
{
    private const int BlocksAStep = 64;

    /// <summary>Those of some numbers that are there, some at a time: the connection is free meanwhile.</summary>
    /// <exception cref="RefusedException">One is not what was written.</exception>
    public static async IAsyncEnumerable<Block> Read(
        NpgsqlConnection connection, IEnumerable<long> numbers, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var some in numbers.Chunk(BlocksAStep))
        {
            foreach (var block in await Some(connection, some, ct))
            {
                yield return block;
            }
        }
    }

    private static async Task<List<Block>> Some(NpgsqlConnection connection, long[] numbers, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number = any($1)
            order by number
            """;
        var blocks = new List<(Block Block, byte[] Own)>();
        await foreach (var stored in BlockChain.Blocks(connection, Sql, ct, numbers))
        {
            blocks.Add(stored);
        }

        var before = await Hashes(connection, [.. numbers.Select(number => number - 1)], ct);
        var whole = new List<Block>();
        foreach (var (block, own) in blocks)
        {
            var link = before.GetValueOrDefault(block.Number - 1);
            whole.Add(await BlockNote.Whole(connection, block, link, own, ct) ??
                throw Unreadable.At($"block {block.Number}"));
        }

        return whole;
    }

    private static async Task<Dictionary<long, byte[]>> Hashes(
        NpgsqlConnection connection, long[] numbers, CancellationToken ct)
    {
        const string Sql = """
            select number, coalesce(b.hash, n.hash)
            from unnest($1) as wanted (number)
            left join metering.block b using (number) left join metering.block_note n using (number)
            where coalesce(b.hash, n.hash) is not null
            """;
        await using var command = connection.Statement(Sql, [numbers]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var hashes = new Dictionary<long, byte[]> { [0] = new byte[32] };
        while (await rows.ReadAsync(ct))
        {
            hashes[rows.GetInt64(0)] = rows.GetFieldValue<byte[]>(1);
        }

        return hashes;
    }
}
