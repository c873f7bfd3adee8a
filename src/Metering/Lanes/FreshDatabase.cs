using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Finds out whether a database that is named for a lane is one that is in use, under whatever name.</summary>
internal static class FreshDatabase
{
    private const string Lock = "select pg_try_advisory_xact_lock(hashtext('metering.lane'), 0)";

    /// <summary>
    /// A lock that somebody holds in one database can be had in every other. Transactions hold it, so nothing is left
    /// of it, however this ends.
    /// </summary>
    /// <exception cref="RefusedException">It is one of those that are known.</exception>
    public static async Task RefuseKnown(
        NpgsqlDataSource fresh, string name, IReadOnlyList<NpgsqlDataSource> known, CancellationToken ct)
    {
        await using var connection = await fresh.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var held = connection.Statement(Lock, []);
        await held.ExecuteScalarAsync(ct);
        foreach (var one in known)
        {
            await using var other = await one.OpenConnectionAsync(ct);
            await using var asking = await other.BeginTransactionAsync(ct);
            await using var asked = other.Statement(Lock, []);
            if (await asked.ExecuteScalarAsync(ct) is not true)
            {
                throw new RefusedException(new(
                    "lanes/same-database", "That database is the ledger's, or another lane's. Name an empty one.",
                    name));
            }
        }
    }
}
