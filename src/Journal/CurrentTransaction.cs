using System.Runtime.CompilerServices;
using Npgsql;
using Npgsql.Internal;

#pragma warning disable NPG9001 // Its internals may change; the version is pinned and a test would tell.

namespace Exchange.Journal;

/// <summary>
/// The transaction that a connection is in. Npgsql knows it and hands it out only where it was begun; Marten takes
/// nothing else. A test appends inside a caller's connection, so a driver that changes here is noticed at once.
/// </summary>
internal static class CurrentTransaction
{
    /// <exception cref="InvalidOperationException">The connection is in no transaction.</exception>
    public static NpgsqlTransaction Of(NpgsqlConnection connection) =>
        TransactionOf(ConnectorOf(connection)!) ?? throw new InvalidOperationException(
            "An append inside a connection needs a transaction that was begun on it.");

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Connector")]
    private static extern NpgsqlConnector? ConnectorOf(NpgsqlConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Transaction")]
    private static extern NpgsqlTransaction? TransactionOf(NpgsqlConnector connector);
}
