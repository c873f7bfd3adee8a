using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// What is kept of a block in another place than the block: whose readings are in it, its hash and its names. Where the
/// block is gone or cannot be read, its own landlords wait, and everybody else goes on by this.
/// </summary>
internal sealed record BlockNote(
    long Number, byte[] Hash, int FirstName, int LastName, byte[] Names, string[] Landlords)
{
    private const int MaxDiffering = 100;

    /// <summary>What is kept of a block; null where nothing is.</summary>
    public static async Task<BlockNote?> Of(NpgsqlConnection connection, long number, CancellationToken ct)
    {
        const string Sql = """
            select hash, first_name, last_name, names, landlords from metering.block_note where number = $1
            """;
        await using var command = connection.Statement(Sql, [number]);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? new(number, row.GetFieldValue<byte[]>(0), row.GetInt32(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3),
                row.GetFieldValue<string[]>(4))
            : null;
    }

    /// <summary>
    /// A block as it was written: also where only its names are not, and those that are kept of it are. Null where it
    /// is not.
    /// </summary>
    /// <param name="before">The hash of the block before; null where nothing says any more what it links to.</param>
    public static async Task<Block?> Whole(
        NpgsqlConnection connection, Block block, byte[]? before, byte[] own, CancellationToken ct) =>
        before is null || block.IsLinked(before, own) ? block
        : await Of(connection, block.Number, ct) is { } note && block with { Names = note.Names } is var mended &&
            mended.IsLinked(before, own) ? mended
        : null;

    /// <summary>The number of the last name up to a block; null where that is not kept.</summary>
    public static async Task<int?> LastNameUpTo(NpgsqlConnection connection, long number, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select last_name from metering.block_note where number = $1", [number]);
        return await command.ExecuteScalarAsync(ct) as int?;
    }

    /// <summary>Blocks of which something else is kept than they hold, or nothing.</summary>
    public static async Task<List<long>> Differing(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select number
            from metering.block b full join metering.block_note n using (number)
            where b.landlords is not null and b.last_name is not null
              and (b.number is null or n.number is null or b.hash <> n.hash or b.first_name <> n.first_name
                or b.last_name <> n.last_name or b.names <> n.names or b.landlords <> n.landlords)
            order by number
            limit $1
            """;
        await using var command = connection.Statement(Sql, [MaxDiffering]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var numbers = new List<long>();
        while (await rows.ReadAsync(ct))
        {
            numbers.Add(rows.GetInt64(0));
        }

        return numbers;
    }

    /// <summary>Keeps what blocks that are whole hold, where something else is kept.</summary>
    public static async Task Mend(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.block_note (number, hash, first_name, last_name, names, landlords)
            select number, hash, first_name, last_name, names, landlords from metering.block where number = $1
            on conflict (number) do update set hash = excluded.hash, first_name = excluded.first_name,
              last_name = excluded.last_name, names = excluded.names, landlords = excluded.landlords
            """;
        var last = 0L;
        while ((await Differing(connection, ct)).Where(number => number > last).ToList() is { Count: > 0 } numbers)
        {
            foreach (var number in numbers)
            {
                if (await BlockChain.IsWhole(connection, number, ct))
                {
                    await connection.Execute(Sql, [number], ct);
                }
            }

            last = numbers[^1];
        }
    }
}
