using System.Buffers.Binary;
using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>A reading that was corrected: where it stands, which correction holds, and what it says now.</summary>
/// <param name="Now">Null where it was taken back.</param>
internal sealed record CorrectedReading(
    Fingerprint.Key Reading, long Block, long? ByBlock, Fingerprint.Key? By, FoldRow? Now);

/// <summary>The readings that were corrected, as they are kept beside the pages.</summary>
internal static class CorrectedReadings
{
    private const string Columns =
        "reading, block, by_block, by_key, resource, from_us, to_us, type, state, project, shape, meter, quantity";

    public static byte[] Bytes(Fingerprint.Key key)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, key.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), key.Low);
        return bytes;
    }

    public static Task<List<CorrectedReading>> Of(
        NpgsqlConnection connection, IEnumerable<Fingerprint.Key> keys, CancellationToken ct) =>
        Read(connection, "where reading = any($1)", ct, (object)keys.Select(Bytes).ToArray());

    /// <summary>What is now of a resource, at these starts.</summary>
    public static Task<List<CorrectedReading>> At(
        NpgsqlConnection connection, IReadOnlyCollection<(int Resource, long From)> places, CancellationToken ct) =>
        Read(connection, "where (resource, from_us) in (select * from unnest($1, $2))", ct,
            places.Select(place => place.Resource).ToArray(), places.Select(place => place.From).ToArray());

    public static Task<List<CorrectedReading>> NowOf(
        NpgsqlConnection connection, int resource, CancellationToken ct) =>
        Read(connection, "where resource = $1", ct, resource);

    public static Task<List<CorrectedReading>> All(NpgsqlConnection connection, CancellationToken ct) =>
        Read(connection, "", ct);

    public static async Task Write(
        NpgsqlConnection connection, IReadOnlyCollection<CorrectedReading> readings, CancellationToken ct)
    {
        await connection.Execute(
            "delete from metering.corrected where reading = any($1)",
            [readings.Select(one => Bytes(one.Reading)).ToArray()], ct);
        await using var writer = await connection.BeginBinaryImportAsync(
            $"copy metering.corrected ({Columns}) from stdin (format binary)", ct);
        foreach (var one in readings)
        {
            var now = one.Now ?? default;
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(Bytes(one.Reading), NpgsqlDbType.Bytea, ct);
            await writer.WriteAsync(one.Block, NpgsqlDbType.Bigint, ct);
            await (one.ByBlock is { } block
                ? writer.WriteAsync(block, NpgsqlDbType.Bigint, ct) : writer.WriteNullAsync(ct));
            await (one.By is { } by ? writer.WriteAsync(Bytes(by), NpgsqlDbType.Bytea, ct) : writer.WriteNullAsync(ct));
            await writer.WriteAsync(now.Resource, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(now.From, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(now.To, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync((short)now.Type, NpgsqlDbType.Smallint, ct);
            await writer.WriteAsync((short)now.State, NpgsqlDbType.Smallint, ct);
            await writer.WriteAsync(now.Project, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(now.Shape, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(now.Meter, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(now.Quantity, NpgsqlDbType.Numeric, ct);
        }

        await writer.CompleteAsync(ct);
    }

    private static async Task<List<CorrectedReading>> Read(
        NpgsqlConnection connection, string where, CancellationToken ct, params object[] values)
    {
        await using var command = connection.Statement($"select {Columns} from metering.corrected {where}", values);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<CorrectedReading>();
        while (await rows.ReadAsync(ct))
        {
            var resource = rows.GetInt32(4);
            found.Add(new(
                Key(rows.GetFieldValue<byte[]>(0)), rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.GetInt64(2),
                rows.IsDBNull(3) ? null : Key(rows.GetFieldValue<byte[]>(3)),
                resource == 0 ? null : new FoldRow(
                    rows.GetInt64(5), rows.GetInt64(6), resource, rows.GetInt32(9), rows.GetInt32(10),
                    rows.GetInt32(11), (ReadingType)rows.GetInt16(7), (ResourceState)rows.GetInt16(8),
                    rows.GetDecimal(12))));
        }

        return found;
    }

    private static Fingerprint.Key Key(byte[] bytes) => bytes.Length == 16
        ? new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)))
        : throw BytesReader.Damaged();
}
