using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>Writes readings: one transaction a call, under the lock on the head, so two processes take turns.</summary>
internal sealed class Intake(NpgsqlDataSource database)
{
    public async Task<IngestOutcome> Take(IReadOnlyList<Collected> batch, Instant now, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (number, hash) = await LockHead(connection, ct);
        var keyed = batch.Where(c => c.Reading is not null)
            .Select(c => (Key: Block.Key(c.Reading!.Source, c.Reading.Id), c.Reading)).ToList();
        var known = await Known(connection, [.. keyed.Select(k => k.Key)], ct);
        var misfits = batch.Where(c => c.Misfit is not null).Select(c => c.Misfit!).ToList();
        var fresh = new List<Row>();
        var duplicates = 0;
        foreach (var (key, reading) in keyed)
        {
            var line = Block.Line(reading);
            var name = Convert.ToHexString(key);
            if (known.TryAdd(name, line))
            {
                fresh.Add(new(key, reading.Resource.ToString(), line));
            }
            else if (known[name] == line)
            {
                duplicates++;
            }
            else
            {
                misfits.Add(new(
                    "reading/same-id-other-content",
                    "A reading of this source and id was taken before with other content; the first counts.",
                    reading.Source, reading.Id, reading.Resource.Landlord, line));
            }
        }

        if (fresh.Count > 0)
        {
            await WriteBlock(connection, number + 1, hash, fresh, ct);
            await WriteReadings(connection, number + 1, fresh, ct);
        }

        await SetAside(connection, misfits, now, ct);
        await transaction.CommitAsync(ct);
        return new(fresh.Count, duplicates, misfits.Count);
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

    private static async Task SetAside(
        NpgsqlConnection connection, List<Misfit> misfits, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.quarantine (key, reason, why, source, id, landlord, text, at)
            values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8)
            on conflict do nothing
            """;
        foreach (var misfit in misfits)
        {
            var text = misfit.Text.Replace("\0", "\\u0000", StringComparison.Ordinal);
            var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{misfit.Reason}\n{misfit.Source}\n{misfit.Id}\n{text}"));
            await Scalar(
                connection, Sql, ct, key, misfit.Reason, misfit.Why, misfit.Source, misfit.Id,
                misfit.Landlord?.Value ?? "", text, now.ToDateTimeUtc());
        }
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
