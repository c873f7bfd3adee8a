using Npgsql;

namespace Exchange.Metering;

/// <summary>Of which pages each folded block has readings: where to look for the readings behind a segment.</summary>
internal static class PagesOfBlocks
{
    /// <summary>The pages of which some rows are, in order.</summary>
    public static int[] Of(ReadOnlySpan<FoldRow> rows)
    {
        var (pages, last) = (new HashSet<int>(), -1);
        foreach (ref readonly var row in rows)
        {
            if (row.Resource > 0 && Page.Of(row.Resource) is var page && page != last)
            {
                pages.Add(page);
                last = page;
            }
        }

        return [.. pages.Order()];
    }

    public static async Task Write(
        NpgsqlConnection connection, List<Block> blocks, int[][] pages, CancellationToken ct)
    {
        const string Copy = "copy metering.block_pages (number, pages) from stdin (format binary)";
        await using var writer = await connection.BeginBinaryImportAsync(Copy, ct);
        for (var i = 0; i < pages.Length; i++)
        {
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(blocks[i].Number, ct);
            await writer.WriteAsync(pages[i], ct);
        }

        await writer.CompleteAsync(ct);
    }

    /// <summary>What is kept of a block; nothing where it is not folded.</summary>
    public static async Task<int[]> Read(NpgsqlConnection connection, long block, CancellationToken ct)
    {
        const string Sql = "select pages from metering.block_pages where number = $1";
        await using var command = new NpgsqlCommand(Sql, connection) { Parameters = { new() { Value = block } } };
        return await command.ExecuteScalarAsync(ct) as int[] ?? [];
    }
}
