using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The end of the chain of blocks, as it is stored.</summary>
internal sealed record Head(long Number, byte[] Hash, byte[] Secret, long Flushed, long Epoch)
{
    private const string Columns = "number, hash, secret, flushed, epoch, moved";

    /// <summary>Whose readings are taken elsewhere since; changes with the epoch only.</summary>
    public string[] Moved { get; init; } = [];

    /// <summary>Reads the head and holds it until the transaction ends: processes take turns.</summary>
    public static async Task<Head> Lock(
        NpgsqlDataSource database, NpgsqlConnection connection, TimeSpan patience, CancellationToken ct)
    {
        await Turn.Limit(connection, ct);
        return await Turn.Wait(
            Read(connection, $"select {Columns} from metering.head for update", ct),
            database, connection, patience);
    }

    /// <summary>Reads the head as it is in this snapshot.</summary>
    public static Task<Head> Read(NpgsqlConnection connection, CancellationToken ct) =>
        Read(connection, $"select {Columns} from metering.head", ct);

    private static async Task<Head> Read(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.Statement(sql, []);
        await command.PrepareAsync(ct); // Once for each connection: every commit reads it.
        await using var head = await command.ExecuteReaderAsync(ct);
        return await head.ReadAsync(ct)
            ? new(head.GetInt64(0), head.GetFieldValue<byte[]>(1), head.GetFieldValue<byte[]>(2), head.GetInt64(3),
                head.GetInt64(4))
            {
                Moved = head.GetFieldValue<string[]>(5),
            }
            : throw Unreadable.At("metering.head", "Its row is missing.");
    }
}
