using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Names as the blocks hold them. What is known has others in the place of those of a block that is not what was
/// written, so that nothing new is counted under them; to tell what is there, they are what there is.
/// </summary>
internal static class StoredNames
{
    /// <exception cref="RefusedException">Those of a block cannot be read.</exception>
    public static async Task<Names> Read(NpgsqlConnection connection, long upTo)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where names <> '' and number <= $1
            order by number
            """;
        var names = new Names();
        await foreach (var (block, _) in BlockChain.Blocks(connection, Sql, CancellationToken.None, upTo))
        {
            block.AddNames(names);
        }

        return names;
    }
}
