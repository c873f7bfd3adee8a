using System.Text;
using NodaTime;
using Npgsql;

namespace Exchange.Journal;

/// <summary>Reads events in their order: as they are shown, and, where that is another, as they were stored.</summary>
internal static class StoredEvents
{
    public static async Task<IReadOnlyList<Recorded>> After(
        NpgsqlConnection connection, long after, int limit, CancellationToken ct)
    {
        // Each event is looked up by its number, whatever the planner knows of tables that grow in large steps: to scan
        // them once a page would cost their square.
        const string Sql = """
            select link.position, stored.*, link.hash, link.salt, link.content
            from (
              select position, seq_id, hash, salt, content
              from journal.link
              where position > $1
              order by position
              limit $2) as link
            cross join lateral (
              select stream_id, version - 1, type, bdata, timestamp, user_name,
                     headers ->> 'command', correlation_id,
                     (select named.shown from journal.shown_stream as named where named.stored = stream_id),
                     (select shown.body from journal.shown_event as shown where shown.seq_id = mt_events.seq_id),
                     (select shown.who from journal.shown_event as shown where shown.seq_id = mt_events.seq_id)
              from journal.mt_events
              where mt_events.seq_id = link.seq_id
              limit 1) as stored
            order by link.position
            """;

        await using var command = connection.Statement(Sql, [after, limit]);
        await using var rows = await command.ExecuteReaderAsync(ct);

        var events = new List<Recorded>();
        while (await rows.ReadAsync(ct))
        {
            events.Add(Shown(rows, Stored(rows)));
        }

        return events;
    }

    /// <summary>The events of a stream after a version, and how many people were erased.</summary>
    public static async Task<(IReadOnlyList<EventText> Events, long Erasures)> Since(
        NpgsqlDataSource database, string stream, long version, CancellationToken ct)
    {
        const string Sql = """
            select erased.number, event.type, event.body
            from (select count(*) as number from journal.erased) as erased
            left join (
              select stored.version, stored.type, coalesce(shown.body, stored.bdata) as body
              from journal.mt_events as stored
              left join journal.shown_event as shown using (seq_id)
              where stored.stream_id = journal.stored_name($1) and stored.version > $2) as event on true
            order by event.version
            """;

        await using var command = database.Statement(Sql, [stream, version]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var (events, erasures) = (new List<EventText>(), 0L);
        while (await rows.ReadAsync(ct))
        {
            erasures = rows.GetInt64(0);
            if (!rows.IsDBNull(1))
            {
                events.Add(new(rows.GetString(1), Written(rows, 2)));
            }
        }

        return (events, erasures);
    }

    /// <summary>The text of an event; that of a row that somebody emptied is nothing, and fits no hash.</summary>
    public static string Written(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? "" : Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(column));

    private static Recorded Stored(NpgsqlDataReader rows)
    {
        var recorded = new Recorded(
            rows.GetInt64(0), Words(rows, 1) ?? "", rows.GetInt64(2), new(rows.GetString(3), Written(rows, 4)),
            rows.GetFieldValue<Instant>(5), rows.GetFieldValue<byte[]>(12))
        {
            Salt = Bytes(rows, 13),
            Content = Bytes(rows, 14),
        };
        return rows.IsDBNull(6) && rows.IsDBNull(7) && rows.IsDBNull(8)
            ? recorded
            : recorded with { Headers = new(Words(rows, 6), Words(rows, 7), Words(rows, 8)) };
    }

    private static Recorded Shown(NpgsqlDataReader rows, Recorded stored)
    {
        if (rows.IsDBNull(9) && rows.IsDBNull(10))
        {
            return stored;
        }

        var (stream, shown) = (Words(rows, 9) ?? stored.Stream, stored with { AsStored = stored });
        if (rows.IsDBNull(10))
        {
            return shown with { Stream = stream };
        }

        var who = Words(rows, 11);
        var headers = stored.Headers ?? (who is null ? null : new EventHeaders());
        return shown with
        {
            Stream = stream,
            Event = stored.Event with { Json = Written(rows, 10) },
            Headers = headers is null ? null : headers with { Who = who },
        };
    }

    private static ReadOnlyMemory<byte>? Bytes(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? (ReadOnlyMemory<byte>?)null : rows.GetFieldValue<byte[]>(column);

    private static string? Words(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : rows.GetString(column);
}
