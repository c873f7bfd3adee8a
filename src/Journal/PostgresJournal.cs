using System.Runtime.ExceptionServices;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using NodaTime;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// The journal on Marten's event store. An append locks the head of the chain until it commits: positions become
/// visible in their own order and without gaps, so a reader that follows them can never skip an event.
/// </summary>
public sealed class PostgresJournal(NpgsqlDataSource database, IClock clock, Upcasts? upcasts = null) : IJournal
{
    private const int StreamsAtOnce = 256;

    private readonly Upcasts _upcasts = upcasts ?? Upcasts.None;

    public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct) =>
        Read<TEvent>(stream, 0, ct);

    /// <param name="version">The first event that is read: for whoever has folded those before it.</param>
    public async Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, long version, CancellationToken ct)
    {
        const string Sql = """
            select stored.type, coalesce(shown.body, stored.bdata)
            from journal.mt_events as stored
            left join journal.shown_event as shown using (seq_id)
            where stored.stream_id = journal.stored_name($1) and stored.version > $2
            order by stored.version
            """;

        await using var command = database.Statement(Sql, [stream, version]);
        return await Events<TEvent>(command, ct);
    }

    /// <summary>The same, and how many people were erased: whoever keeps what they folded forgets it by that.</summary>
    public async Task<(IReadOnlyList<TEvent> Events, long Erasures)> ReadSince<TEvent>(
        string stream, long version, CancellationToken ct)
    {
        var (events, erasures) = await StoredEvents.Since(database, stream, version, ct);
        return ([.. events.Select(happened => happened.As<TEvent>(_upcasts))], erasures);
    }

    private async Task<List<TEvent>> Events<TEvent>(NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var events = new List<TEvent>();
        while (await rows.ReadAsync(ct))
        {
            events.Add(new EventText(rows.GetString(0), StoredEvents.Written(rows, 1)).As<TEvent>(_upcasts));
        }

        return events;
    }

    /// <summary>Some events of a stream, in their order: for whoever knows which are wanted of many.</summary>
    /// <param name="versions">The first event of a stream is 1; what is not there is left out.</param>
    public async Task<IReadOnlyList<TEvent>> Read<TEvent>(
        string stream, IReadOnlyCollection<long> versions, CancellationToken ct)
    {
        const string Sql = """
            select stored.type, coalesce(shown.body, stored.bdata)
            from journal.mt_events as stored
            left join journal.shown_event as shown using (seq_id)
            where stored.stream_id = journal.stored_name($1) and stored.version = any($2)
            order by stored.version
            """;

        await using var command = database.Statement(Sql, [stream, versions.ToArray()]);
        return await Events<TEvent>(command, ct);
    }

    /// <summary>The position of the last event that everybody sees.</summary>
    public async Task<long> End(CancellationToken ct)
    {
        await using var command = database.Statement("select position from journal.head", []);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>How many events some streams have, in the order of the streams: one question for all of them.</summary>
    public async Task<IReadOnlyList<long>> Versions(IReadOnlyList<string> streams, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(known.version, 0)::bigint
            from unnest($1::text[]) with ordinality as asked (stream, place)
            left join journal.shown_stream as named on named.shown = asked.stream
            left join journal.mt_streams as known on known.id = coalesce(named.stored, asked.stream)
            order by asked.place
            """;

        await using var command = database.Statement(Sql, [streams.ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var versions = new List<long>(streams.Count);
        while (await rows.ReadAsync(ct))
        {
            versions.Add(rows.GetInt64(0));
        }

        return versions;
    }

    public async Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        Appends.CheckShape(appends);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Append(transaction, appends, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Appends inside the transaction that the connection is in.</summary>
    public Task Append(NpgsqlConnection connection, IReadOnlyList<StreamAppend> appends, CancellationToken ct) =>
        Append(CurrentTransaction.Of(connection), appends, ct);

    /// <summary>Appends inside the caller's transaction, so that events and other rows commit together.</summary>
    public async Task Append(NpgsqlTransaction transaction, IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        Appends.CheckShape(appends);
        var (position, hash) = await LockHead(transaction.Connection!, ct);
        var at = Chain.Cut(clock.GetCurrentInstant());
        appends = await CheckVersions(transaction.Connection!, appends, at, ct);

        var links = new Links(position, hash, at, EventHeaders.Current);
        foreach (var some in appends.Chunk(StreamsAtOnce))
        {
            await Append(transaction, [.. some.Select(of => of with { Events = [.. of.Events] })], links, ct);
        }

        await links.MoveHead(transaction.Connection!, ct);
    }

    /// <summary>Some streams of an append, so that a close of thousands is not held a second time.</summary>
    private static async Task Append(
        NpgsqlTransaction transaction, StreamAppend[] appends, Links links, CancellationToken ct)
    {
        await using var session = EventStore.Within(transaction, links.Headers);
        foreach (var append in appends)
        {
            var added = session.Events.Append(
                append.Stream, append.ExpectedVersion + append.Events.Count, links.Next(append));
            for (var i = 0; i < append.Events.Count; i++)
            {
                added.Events[i].EventTypeName = append.Events[i].Type; // Marten names it after its class.
            }
        }

        await Save(session, ct);
        await links.Write(transaction.Connection!, ct);
    }

    public async Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await ReadAll(connection, after, limit, ct);
    }

    /// <summary>The same over the caller's connection: who has one does not wait for another.</summary>
    public static Task<IReadOnlyList<Recorded>> ReadAll(
        NpgsqlConnection connection, long after, int limit, CancellationToken ct) =>
        StoredEvents.After(connection, after, limit, ct);

    private static async Task<(long Position, byte[] Hash)> LockHead(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = "select position, hash from journal.head for update";
        await using var command = connection.Statement(Sql, []);
        await using var head = await command.ExecuteReaderAsync(ct);
        return await head.ReadAsync(ct)
            ? (head.GetInt64(0), head.GetFieldValue<byte[]>(1))
            : throw new InvalidOperationException("The journal has no head. Its schema is damaged; restore a backup.");
    }

    /// <summary>
    /// Nobody else can append now, so what is read here holds until the commit; Marten, which looks again, tells of a
    /// conflict without saying reliably in which of many streams. Beside it, says the time of this append.
    /// </summary>
    /// <returns>The appends under the names by which their streams are stored.</returns>
    private static async Task<IReadOnlyList<StreamAppend>> CheckVersions(
        NpgsqlConnection connection, IReadOnlyList<StreamAppend> appends, Instant at, CancellationToken ct)
    {
        const string Sql = """
            with wanted as (
              select asked.stream, asked.version, place, coalesce(named.stored, asked.stream) as stored
              from unnest($1::text[], $2::bigint[]) with ordinality as asked (stream, version, place)
              left join journal.shown_stream as named on named.shown = asked.stream)
            select set_config('journal.at', $3, true),
                   (select wanted.stream
                    from wanted
                    where wanted.version <> coalesce(
                      (select known.version from journal.mt_streams as known where known.id = wanted.stored), 0)
                    order by wanted.place
                    limit 1),
                   (select array_agg(wanted.stored order by wanted.place)
                    from wanted where exists (select from journal.shown_stream)),
                   (select array_agg(salt || hash) from journal.erased where erased.at > $4::timestamptz)
            """;

        await using var command = connection.Statement(
            Sql, [
                appends.Select(a => a.Stream).ToArray(), appends.Select(a => a.ExpectedVersion).ToArray(),
                Text.Of(at), Text.Of(at - JustErased.Long)]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        if (!rows.IsDBNull(1))
        {
            throw new ConflictException(rows.GetString(1));
        }

        if (!rows.IsDBNull(3))
        {
            JustErased.Refuse(appends, EventHeaders.Current?.Who, rows.GetFieldValue<byte[][]>(3));
        }

        return rows.IsDBNull(2)
            ? appends
            : [.. appends.Zip(rows.GetFieldValue<string[]>(2), (append, stored) => append with { Stream = stored })];
    }

    private static async Task Save(IDocumentSession session, CancellationToken ct)
    {
        try
        {
            await session.SaveChangesAsync(ct);
        }
        catch (EventStreamUnexpectedMaxEventIdException e)
        {
            throw new ConflictException($"{e.Id}"); // Somebody wrote past the head's lock.
        }
        catch (MartenCommandException e) when (e.InnerException is NpgsqlException inner)
        {
            ExceptionDispatchInfo.Throw(inner); // Whoever knows what a database can do knows it by this name.
        }
    }
}
