using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// A turn under a lock that other processes wait for. Who holds it and stops, frozen or cut off, loses it: the database
/// ends the transaction, which is then as if it never was.
/// </summary>
internal static class Turn
{
    /// <summary>How long the others wait for one who does nothing.</summary>
    public const int MaxIdleSeconds = 10;

    /// <summary>How long they wait for one who has something to read and does not: filters of years are long.</summary>
    public static readonly TimeSpan MaxStuck = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row a lost turn is begun again, on a busy machine, before it is told.</summary>
    public const int MaxLost = 3;

    private const string IdleInTransaction = "25P03";

    /// <summary>Sets the limits of the transaction that has just begun.</summary>
    public static Task Limit(NpgsqlConnection connection, CancellationToken ct) => connection.Execute(
        $"""
        set local idle_in_transaction_session_timeout = '{MaxIdleSeconds}s';
        set local tcp_keepalives_idle = 5;
        set local tcp_keepalives_interval = 2;
        set local tcp_keepalives_count = 3
        """, [], ct);

    /// <summary>
    /// Waits for a turn. Whoever has it and takes no answer of the database for so long is ended: a client that ran out
    /// of memory half way is not idle for the database, which waits for it to read.
    /// </summary>
    public static async Task<T> Wait<T>(
        Task<T> turn, NpgsqlDataSource database, NpgsqlConnection waiting, TimeSpan patience)
    {
        while (true)
        {
            try
            {
                return await turn.WaitAsync(patience);
            }
            catch (TimeoutException) when (!turn.IsCompleted)
            {
                await EndWhoIsStuck(database, waiting.ProcessID, patience);
            }
        }
    }

    /// <summary>Whether the database ended who had a turn: nothing of it is there, and it can be begun again.</summary>
    public static bool IsLost(NpgsqlException e) => e is PostgresException said
        ? said.SqlState is IdleInTransaction or PostgresErrorCodes.AdminShutdown
        : e.InnerException is IOException;

    private static async Task EndWhoIsStuck(NpgsqlDataSource database, int waiting, TimeSpan patience)
    {
        const string Sql = """
            select count(pg_terminate_backend(pid))
            from pg_stat_activity
            where pid = any(pg_blocking_pids($1)) and usename = current_user and wait_event_type = 'Client' and
              state_change < clock_timestamp() - $2
            """;
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            await connection.Execute(Sql, [waiting, patience], CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // There is none to ask with: who waits for the turn goes on waiting, and it is tried again.
        }
    }
}
