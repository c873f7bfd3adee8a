using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>Writes readings: one transaction a call, under the lock on the head, so two processes take turns.</summary>
internal sealed class Intake(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<ItemOutcome>> Take(
        IReadOnlyList<Collected> batch, Instant now, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (number, hash) = await LockHead(connection, ct);
        var keys = batch.Select(c => c.Reading is { } r ? Block.Key(r.Source, r.Id) : []).ToArray();
        var known = await Known(connection, [.. keys.Where(k => k.Length > 0)], ct);
        var outcomes = new List<ItemOutcome>(batch.Count);
        var misfits = new List<Misfit>();
        var fresh = new List<Row>();
        foreach (var ((reading, misfit), key) in batch.Zip(keys))
        {
            var line = reading is null ? "" : Block.Line(reading);
            var name = Convert.ToHexString(key);
            if (reading is not null && known.TryAdd(name, line))
            {
                fresh.Add(new(key, reading.Resource.ToString(), line));
                outcomes.Add(new(reading.Source, reading.Id, ItemFate.Accepted));
            }
            else if (reading is not null && known[name] == line)
            {
                outcomes.Add(new(reading.Source, reading.Id, ItemFate.Duplicate));
            }
            else
            {
                misfits.Add(misfit ?? new(
                    "reading/same-id-other-content",
                    "A reading of this source and id was taken before with other content; the first counts.",
                    reading!.Source, reading.Id, reading.Resource.Landlord, line));
                outcomes.Add(new(
                    misfits[^1].Source, misfits[^1].Id, ItemFate.Quarantined, misfits[^1].Reason, misfits[^1].Why));
            }
        }

        if (fresh.Count > 0)
        {
            await WriteBlock(connection, number + 1, hash, fresh, ct);
            await WriteReadings(connection, number + 1, fresh, ct);
        }

        await QuarantineTable.Add(connection, misfits, now, ct);
        await transaction.CommitAsync(ct);
        return outcomes;
    }

    /// <summary>Makes the index of readings again from the blocks; everything waits to be folded afterwards.</summary>
    public async Task Rebuild(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (last, _) = await LockHead(connection, ct);
        await Run(connection, """
            truncate metering.reading, metering.dirty, metering.segment, metering.daily_total
            """, ct);
        for (var number = 1L; number <= last; number++)
        {
            const string Sql = "select body from metering.block where number = $1";
            var body = (byte[])(await Scalar(connection, Sql, ct, number)
                ?? throw new InvalidOperationException($"Block {number} is missing. Restore a backup."));
            var rows = Block.Unpack(body).Select(line => (Line: line, Reading: Block.Reading(line)))
                .Select(r => new Row(
                    Block.Key(r.Reading.Source, r.Reading.Id), r.Reading.Resource.ToString(), r.Line));
            await WriteReadings(connection, number, [.. rows], ct);
        }

        await transaction.CommitAsync(ct);
    }

    internal static async Task<(long Number, byte[] Hash)> LockHead(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select number, hash from metering.head for update", connection);
        await using var head = await command.ExecuteReaderAsync(ct);
        return await head.ReadAsync(ct)
            ? (head.GetInt64(0), head.GetFieldValue<byte[]>(1))
            : throw new InvalidOperationException("The meter has no head. Its schema is damaged; restore a backup.");
    }

    private static async Task<Dictionary<string, string>> Known(
        NpgsqlConnection connection, byte[][] keys, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select key, line from metering.reading where key = any($1)", connection);
        command.Parameters.Add(new() { Value = keys });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            known.Add(Convert.ToHexString(rows.GetFieldValue<byte[]>(0)), rows.GetString(1));
        }

        return known;
    }

    private static async Task WriteBlock(
        NpgsqlConnection connection, long number, byte[] before, List<Row> rows, CancellationToken ct)
    {
        const string Sql = """
            with added as (insert into metering.block (number, hash, readings, body) values ($1, $2, $3, $4))
            update metering.head set number = $1, hash = $2
            """;
        var body = Block.Pack(rows.Select(r => r.Line));
        await Scalar(connection, Sql, ct, number, Block.Link(before, number, body), rows.Count, body);
    }

    private static async Task WriteReadings(
        NpgsqlConnection connection, long block, List<Row> rows, CancellationToken ct)
    {
        const string Copy = "copy metering.reading (key, block, resource, line) from stdin (format binary)";
        await using (var writer = await connection.BeginBinaryImportAsync(Copy, ct))
        {
            foreach (var row in rows)
            {
                await writer.StartRowAsync(ct);
                await writer.WriteAsync(row.Key, NpgsqlDbType.Bytea, ct);
                await writer.WriteAsync(block, NpgsqlDbType.Bigint, ct);
                await writer.WriteAsync(row.Resource, NpgsqlDbType.Text, ct);
                await writer.WriteAsync(row.Line, NpgsqlDbType.Text, ct);
            }

            await writer.CompleteAsync(ct);
        }

        await Scalar(
            connection, "insert into metering.dirty (resource) select unnest($1::text[]) on conflict do nothing", ct,
            (object)rows.Select(r => r.Resource).Distinct().ToArray());
    }

    private static Task<object?> Run(NpgsqlConnection connection, string sql, CancellationToken ct) =>
        Scalar(connection, sql, ct);

    private static async Task<object?> Scalar(
        NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await command.ExecuteScalarAsync(ct);
    }

    /// <summary>A reading on its way into the index.</summary>
    private sealed record Row(byte[] Key, string Resource, string Line);
}
