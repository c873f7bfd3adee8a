using System.Runtime.CompilerServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The chain of blocks: reads them, and writes at its end.</summary>
internal static class BlockChain
{
    /// <summary>
    /// Appends blocks where the chain still ends as is known, in one step: outside of a transaction it is one. No if
    /// it ends elsewhere; then nothing is written.
    /// </summary>
    public static async Task<bool> Append(
        NpgsqlConnection connection, Head before, List<(Block Block, byte[] Hash)> blocks, CancellationToken ct)
    {
        const string Move = """
            update metering.head set number = $1, hash = $2
            where number = $3 and hash = $4 and flushed = $5 and epoch = $6
            """;
        const string Insert = """
            with written as (
              insert into metering.block (
                number, hash, readings, from_us, to_us, first_name, names, body, ids, landlords, last_name)
              select $1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12
              where exists (select from metering.head where hash = $10)
              returning number)
            insert into metering.block_note (number, hash, first_name, last_name, names, landlords)
            select number, $2, $6, $12, $7, $11 from written
            on conflict (number) do update set hash = excluded.hash, first_name = excluded.first_name,
              last_name = excluded.last_name, names = excluded.names, landlords = excluded.landlords
            """;
        var (last, hash) = blocks[^1];
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(
            Move, last.Number, hash, before.Number, before.Hash, before.Flushed, before.Epoch));
        foreach (var (block, own) in blocks)
        {
            commands.BatchCommands.Add(Command(
                Insert, block.Number, own, block.Readings, block.From, block.To, block.FirstName, block.Names,
                block.Body, block.Ids, hash, block.Landlords, block.LastName));
        }

        await commands.PrepareAsync(ct); // Once for each connection; to read the statements again took half the time.
        await commands.ExecuteNonQueryAsync(ct);
        return commands.BatchCommands[0].RecordsAffected == 1;
    }

    /// <summary>Whether the chain still has this block, by its number and its hash; the one before all is 0.</summary>
    public static async Task<bool> Has(NpgsqlConnection connection, long number, byte[] hash, CancellationToken ct)
    {
        if (number == 0)
        {
            return true;
        }

        await using var command = connection.Statement(
            "select exists (select from metering.block where number = $1 and hash = $2)", [number, hash]);
        await command.PrepareAsync(ct); // Once for each connection; every question asks it.
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The hash of a block as it is stored, or kept beside it; null where it is not there.</summary>
    public static async Task<byte[]?> HashOf(NpgsqlConnection connection, long number, CancellationToken ct)
    {
        if (number == 0)
        {
            return new byte[32];
        }

        const string Sql = """
            select coalesce(
              (select hash from metering.block where number = $1),
              (select hash from metering.block_note where number = $1))
            """;
        await using var command = connection.Statement(Sql, [number]);
        return await command.ExecuteScalarAsync(ct) as byte[];
    }

    /// <summary>Whether a block is what was written, by its own hash and that before it.</summary>
    public static async Task<bool> IsWhole(NpgsqlConnection connection, long number, CancellationToken ct)
    {
        if (await HashOf(connection, number - 1, ct) is not { } before)
        {
            return false;
        }

        await foreach (var (block, own) in BlocksAfter(connection, number - 1, 1, ct))
        {
            return block.Number == number && block.IsLinked(before, own);
        }

        return false;
    }

    /// <summary>Whether the chain still ends as is known.</summary>
    public static async Task<bool> EndsAt(NpgsqlConnection connection, Head head, CancellationToken ct)
    {
        const string Sql = """
            select exists (select from metering.head where number = $1 and hash = $2 and flushed = $3 and epoch = $4)
            """;
        await using var command = connection.Statement(Sql, [head.Number, head.Hash, head.Flushed, head.Epoch]);
        await command.PrepareAsync(ct);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    public static IAsyncEnumerable<(Block Block, byte[] Hash)> BlocksAfter(
        NpgsqlConnection connection, long number, int most, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number > $1
            order by number
            limit $2
            """;
        return Blocks(connection, Sql, ct, number, most);
    }

    public static async IAsyncEnumerable<(Block Block, byte[] Hash)> Blocks(
        NpgsqlConnection connection, string sql, [EnumeratorCancellation] CancellationToken ct,
        params object[] parameters)
    {
        await using var command = connection.Statement(sql, parameters);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return (new(
                rows.GetInt64(0), rows.GetInt32(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4),
                rows.GetFieldValue<byte[]>(5), rows.GetFieldValue<byte[]>(6), rows.GetFieldValue<byte[]>(7)),
                rows.GetFieldValue<byte[]>(8));
        }
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
