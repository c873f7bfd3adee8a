using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Names as the blocks hold them, or as is kept beside those that are gone or cannot be read. What is known may have
/// others in the place of those of a block that is not what was written, so that nothing new is counted under them; to
/// tell what is there, they are what there is.
/// </summary>
internal static class StoredNames
{
    /// <exception cref="RefusedException">Those of a block cannot be read.</exception>
    public static async Task<Names> Read(NpgsqlConnection connection, long upTo)
    {
        var names = new Names();
        await foreach (var block in NamedBlock.Between(connection, 0, 0, upTo, CancellationToken.None))
        {
            block.AddTo(names);
        }

        return names;
    }
}
