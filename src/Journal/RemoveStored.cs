using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Takes what was appended out of the tables where readers are shown something else: the hash of what an event said
/// stays, so that the chain still holds, and neither its text nor what was random in that hash does. Events that older
/// versions appended are linked by their text and keep it.
/// </summary>
internal static class RemoveStored
{
    /// <summary>Those streams of which no event is linked by its text: they can be called something else.</summary>
    public static async Task<IReadOnlySet<string>> Renameable(
        NpgsqlConnection connection, IEnumerable<string> streams, CancellationToken ct)
    {
        const string Sql = """
            select stream
            from unnest($1::text[]) as stream
            where not exists (
              select from journal.mt_events as stored
              join journal.link using (seq_id)
              where stored.stream_id = stream and link.salt is null and link.content is null)
            """;

        await using var command = connection.Statement(Sql, [streams.ToArray()]);
        return (await command.Texts(ct)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Takes out the text of events, by Marten's numbers; each has a row in 'shown_event'.</summary>
    public static async Task Texts(NpgsqlConnection connection, long[] events, CancellationToken ct)
    {
        const string Sql = """
            select seq_id, link.salt, stream_id, type, bdata, user_name, headers ->> 'command', correlation_id
            from journal.link
            join journal.mt_events as stored using (seq_id)
            where seq_id = any($1) and link.salt is not null
            """;
        const string Keep = """
            update journal.link set content = told.content, salt = null
            from unnest($1::bigint[], $2::bytea[]) as told (seq_id, content)
            where link.seq_id = told.seq_id
            """;
        const string Empty = "update journal.mt_events set bdata = '', user_name = null where seq_id = any($1)";

        var (numbers, contents) = (new List<long>(), new List<byte[]>());
        await using (var command = connection.Statement(Sql, [events]))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                string? Words(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
                var headers = new EventHeaders(Words(5), Words(6), Words(7));
                numbers.Add(rows.GetInt64(0));
                contents.Add(Chain.Content(
                    rows.GetFieldValue<byte[]>(1), rows.GetString(2),
                    new(rows.GetString(3), StoredEvents.Written(rows, 4)), headers));
            }
        }

        await connection.Execute(Keep, [numbers.ToArray(), contents.ToArray()], ct);
        await connection.Execute(Empty, [numbers.ToArray()], ct);
    }

    /// <summary>Calls a stream something else, its events with it; its times stay.</summary>
    public static async Task Rename(NpgsqlConnection connection, string stored, string now, CancellationToken ct)
    {
        // A trigger gives new rows their time, and that of their beginning from the same.
        const string Copy = """
            with silent as materialized (select set_config('journal.at', '', true) as at)
            insert into journal.mt_streams (id, type, version, timestamp, tenant_id, is_archived, compacted_version)
            select $2, type, version, created, tenant_id, is_archived, compacted_version
            from journal.mt_streams, silent
            where id = $1 and silent.at = ''
            """;
        const string Newest = """
            update journal.mt_streams as renamed set timestamp = before.timestamp
            from journal.mt_streams as before
            where renamed.id = $2 and before.id = $1
            """;

        await connection.Execute(Copy, [stored, now], ct);
        await connection.Execute(Newest, [stored, now], ct);
        await connection.Execute(
            "update journal.mt_events set stream_id = $2 where stream_id = $1", [stored, now], ct);
        await connection.Execute("delete from journal.mt_streams where id = $1", [stored], ct);
    }
}
