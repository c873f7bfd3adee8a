using Npgsql;

namespace Exchange.Journal;

/// <summary>Opens pools of connections to a database of an exchange, without asking it for its types first.</summary>
public static class DataSources
{
    /// <summary>
    /// The exchange uses types that every Postgres has under the same numbers, so the driver's question for all types
    /// (13 ms of the server, for each pool of each command) is left out: decision 0604.
    /// </summary>
    /// <param name="connectionString">How to reach the database.</param>
    /// <param name="name">What metrics call the pool, which do not show how to reach the database.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static NpgsqlDataSource Open(string connectionString, string? name = null)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build();
    }
}
