using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Journal;

/// <summary>
/// The journal in Postgres. An append locks the head of the chain until it commits: positions become visible in
/// their own order and without gaps, so a reader that follows them can never skip an event.
/// </summary>
public sealed class PostgresJournal(NpgsqlDataSource database, IClock clock, Upcasts? upcasts = null) : IJournal
{
    private readonly Upcasts _upcasts = upcasts ?? Upcasts.None;

    public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct) =>
        Read<TEvent>(stream, 0, ct);

    /// <param name="version">The first event that is read: for whoever has folded those before it.</param>
    public async Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, long version, CancellationToken ct)
    {
        const string Sql = """
            select type, body
            from journal.event
            where stream = $1 and version >= $2
            order by version
            """;

        await using var command = database.Statement(Sql, [stream, version]);
        await using var rows = await command.ExecuteReaderAsync(ct);

        var events = new List<TEvent>();
        while (await rows.ReadAsync(ct))
        {
            events.Add(new EventText(rows.GetString(0), rows.GetString(1)).As<TEvent>(_upcasts));
        }

        return events;
    }

    public async Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        Appends.CheckShape(appends);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Append(connection, appends, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Appends inside the caller's transaction, so that events and other rows commit together.</summary>
    public async Task Append(NpgsqlConnection connection, IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        Appends.CheckShape(appends);
        var (position, hash) = await LockHead(connection, ct);
        await CheckVersions(connection, appends, ct);
        var at = Chain.Cut(clock.GetCurrentInstant());

        const string Copy = """
            copy journal.event (position, stream, version, type, body, at, hash) from stdin (format binary)
            """;
        await using (var rows = await connection.BeginBinaryImportAsync(Copy, ct))
        {
            foreach (var append in appends)
            {
                var version = append.ExpectedVersion;
                foreach (var happened in append.Events)
                {
                    hash = Chain.Link(hash, ++position, append.Stream, version, happened, at);
                    await rows.StartRowAsync(ct);
                    await rows.WriteAsync(position, NpgsqlDbType.Bigint, ct);
                    await rows.WriteAsync(append.Stream, NpgsqlDbType.Text, ct);
                    await rows.WriteAsync(version++, NpgsqlDbType.Bigint, ct);
                    await rows.WriteAsync(happened.Type, NpgsqlDbType.Text, ct);
                    await rows.WriteAsync(happened.Json, NpgsqlDbType.Text, ct);
                    await rows.WriteAsync(at.ToDateTimeUtc(), NpgsqlDbType.TimestampTz, ct);
                    await rows.WriteAsync(hash, NpgsqlDbType.Bytea, ct);
                }
            }

            await rows.CompleteAsync(ct);
        }

        await MoveHead(connection, position, hash, ct);
    }

    public async Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await ReadAll(connection, after, limit, ct);
    }

    /// <summary>The same over the caller's connection: who has one does not wait for another.</summary>
    public static async Task<IReadOnlyList<Recorded>> ReadAll(
        NpgsqlConnection connection, long after, int limit, CancellationToken ct)
    {
        const string Sql = """
            select position, stream, version, type, body, at, hash
            from journal.event
            where position > $1
            order by position
            limit $2
            """;

        await using var command = connection.Statement(Sql, [after, limit]);
        await using var rows = await command.ExecuteReaderAsync(ct);

        var events = new List<Recorded>();
        while (await rows.ReadAsync(ct))
        {
            events.Add(new(
                rows.GetInt64(0), rows.GetString(1), rows.GetInt64(2), new(rows.GetString(3), rows.GetString(4)),
                Instant.FromDateTimeUtc(rows.GetDateTime(5)), rows.GetFieldValue<byte[]>(6)));
        }

        return events;
    }

    private static async Task<(long Position, byte[] Hash)> LockHead(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = "select position, hash from journal.head for update";
        await using var command = connection.Statement(Sql, []);
        await using var head = await command.ExecuteReaderAsync(ct);
        return await head.ReadAsync(ct)
            ? (head.GetInt64(0), head.GetFieldValue<byte[]>(1))
            : throw new InvalidOperationException("The journal has no head. Its schema is damaged; restore a backup.");
    }

    private static async Task CheckVersions(
        NpgsqlConnection connection, IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        const string Sql = """
            select wanted.stream
            from unnest($1::text[], $2::bigint[]) as wanted (stream, version)
            where wanted.version <> (
              select coalesce(max(event.version) + 1, 0) from journal.event where event.stream = wanted.stream)
            limit 1
            """;

        await using var command = connection.Statement(
            Sql, [appends.Select(a => a.Stream).ToArray(), appends.Select(a => a.ExpectedVersion).ToArray()]);
        if (await command.ExecuteScalarAsync(ct) is string stream)
        {
            throw new ConflictException(stream);
        }
    }

    private static async Task MoveHead(NpgsqlConnection connection, long position, byte[] hash, CancellationToken ct)
    {
        const string Sql = "update journal.head set position = $1, hash = $2";
        await connection.Execute(Sql, [position, hash], ct);
    }
}
