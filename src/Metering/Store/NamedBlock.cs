using System.Runtime.CompilerServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The names that a block brought, unpacked, and how many there were before them.</summary>
internal sealed record NamedBlock(long Number, int First, byte[] Names, int Count)
{
    private const string Kept = """
        select number, first_name, names
        from metering.block_note
        where names <> '' and number > $1 and number <= $2
        order by number
        """;

    private const string Stored = """
        select number, first_name, names
        from metering.block
        where names <> '' and number > $1 and number <= $2
        order by number
        """;

    /// <summary>
    /// All blocks behind one that brought names, each following the one before; from where one is gone or cannot be
    /// read on, as is kept beside the blocks.
    /// </summary>
    /// <param name="known">How many names there are up to that block.</param>
    /// <exception cref="RefusedException">Nor can what is kept beside them be read.</exception>
    public static async IAsyncEnumerable<NamedBlock> Between(
        NpgsqlConnection connection, long after, int known, long upTo, [EnumeratorCancellation] CancellationToken ct)
    {
        long? broken = null;
        await foreach (var (number, block) in Read(connection, Stored, after, upTo, ct))
        {
            if (block is null || block.First != known)
            {
                broken = number;
                break;
            }

            yield return block;
            (after, known) = (number, known + block.Count);
        }

        var last = await BlockNote.LastNameUpTo(connection, upTo, ct);
        if (broken is null && (last is null || last == known))
        {
            yield break;
        }

        await foreach (var (number, block) in Read(connection, Kept, after, upTo, ct))
        {
            yield return block?.First == known
                ? block
                : throw Unreadable.At($"block {broken ?? number}", "Its names cannot be read, nor is a copy whole.");
            known += block.Count;
            broken = broken <= number ? null : broken;
        }

        if (broken is { } lost)
        {
            throw Unreadable.At($"block {lost}", "Its names, or those before them, cannot be read.");
        }
    }

    /// <summary>Adds the names to those of the blocks before.</summary>
    public void AddTo(Names names)
    {
        for (var reader = new BytesReader(Names); !reader.AtEnd;)
        {
            names.Append(reader.Text());
        }
    }

    private static async IAsyncEnumerable<(long Number, NamedBlock? Block)> Read(
        NpgsqlConnection connection, string sql, long after, long upTo, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = connection.Statement(sql, [after, upTo]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return (rows.GetInt64(0), Of(rows.GetInt64(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2)));
        }
    }

    /// <summary>The names of a block; null where they cannot be read.</summary>
    public static NamedBlock? Of(long number, int first, byte[] packed)
    {
        try
        {
            var (names, count) = (BytesReader.Unpacked(packed), 0);
            for (var reader = new BytesReader(names); !reader.AtEnd; count++)
            {
                if (reader.Text().IsEmpty)
                {
                    return null; // Each begins with the letter of its kind.
                }
            }

            return new(number, first, names, count);
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            return null;
        }
    }
}
