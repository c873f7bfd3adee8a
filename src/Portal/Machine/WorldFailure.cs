using System.Net.Sockets;
using Npgsql;

namespace Exchange.Portal;

/// <summary>Failures of what the program stands on, told so that a person knows what to look at.</summary>
internal static class WorldFailure
{
    /// <summary>Everybody's turn comes, but this one's did not come in time.</summary>
    public const string Busy = "world/busy";

    /// <summary>Whether a refusal is of what the program stands on, and so passes.</summary>
    public static bool IsOne(Refusal refusal) => refusal.Code.StartsWith("world/", StringComparison.Ordinal);

    /// <summary>The failure in words; null when the exception is a fault of the program itself.</summary>
    public static Refusal? Of(Exception e) => e switch
    {
        PostgresException { SqlState: "53100" } full => new(
            "world/disk-full", $"The disk of the database is full ({full.MessageText}). Nothing half done was kept. " +
            "Make room and run the command again."),
        PostgresException { SqlState: "25006" } readOnly => new(
            "world/database-read-only",
            $"The database takes no changes now ({readOnly.MessageText}): it may be a standby, or was set so. " +
            "Nothing was kept. Point the exchange at the primary, or make it writable."),
        PostgresException { SqlState: "3D000" or "28P01" or "28000" or "42501" } closed => new(
            "world/database-closed",
            $"The database does not let us in: {closed.MessageText}. Check the connection string."),
        PostgresException { SqlState: "XX001" or "XX002" } damaged => new(
            "world/database-damaged",
            $"A file of the database is not what was written to it ({damaged.MessageText}). Nothing is read from it. " +
            "Stop the exchange, look at the disk, and restore what was stored from a backup."),
        PostgresException { SqlState: ['0', '8', ..] or ['5', '7', ..] or ['5', '3', ..] or "25P03" } away =>
            Away(away.MessageText),
        PostgresException => null,
        NpgsqlException { InnerException: TimeoutException } full
            when full.Message.Contains("pool has been exhausted", StringComparison.Ordinal) => new(
            Busy, "Too many wait for the database just now. Nothing was done; try again in a moment."),
        NpgsqlException or SocketException => Away(Innermost(e).Message),
        TimeoutException => Away(e.Message),
        OutOfMemoryException => new(
            Busy, "There is no memory for this just now. Nothing was done; try again in a moment, with less at once."),
        IOException { HResult: 28 or unchecked((int)0x80070070) } => new(
            "world/disk-full", $"{e.Message} Make room and run the command again."),
        IOException or UnauthorizedAccessException => new(
            "world/file", $"{e.Message} Check the path, its permissions and the room on the disk."),
        HttpRequestException => new("world/network", $"{e.Message} Check that the server runs and can be reached."),
        InvalidOperationException { Source: "Exchange.Journal" } => new("world/postgres-failed", e.Message),
        System.Security.Cryptography.CryptographicException { InnerException: { } behind } => Of(behind),
        _ => null,
    };

    private static Refusal Away(string why) => new(
        "world/database-away",
        $"The database cannot be reached or went away ({why.TrimEnd('.')}). Nothing half done was kept. " +
        "Check that Postgres runs, then run the command again.");

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
