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

    /// <summary>Sets the limits of the transaction that has just begun.</summary>
    public static Task Limit(NpgsqlConnection connection, CancellationToken ct) => connection.Execute(
        $"""
        set local idle_in_transaction_session_timeout = '{MaxIdleSeconds}s';
        set local tcp_keepalives_idle = 5;
        set local tcp_keepalives_interval = 2;
        set local tcp_keepalives_count = 3
        """, [], ct);
}
