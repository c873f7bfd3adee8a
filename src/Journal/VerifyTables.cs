using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Checks what the chain does not cover: every other column of the events, the rows of the streams, the tables that
/// stay empty, the numbers Marten gives out next, and how far read models have read. The first fault is named.
/// </summary>
internal static class VerifyTables
{
    private const string Events = $$"""
        select format('journal event %s (%s, version %s): %s', coalesce(link.position::text, 'without a place'),
                      stored.stream_id, stored.version - 1, fault.what)
        from journal.mt_events as stored
        left join journal.link using (seq_id)
        cross join lateral (select case
          when link.position is null then 'it was not appended by the exchange'
          when replace(stored.id::text, '-', '') <> encode(substring(link.hash from 1 for 16), 'hex')
            then 'its id is not that of its hash'
          when stored.stream_id is null then 'its stream is gone'
          when stored.bdata is null then 'its text is gone'
          when link.content is not null and
               (stored.bdata <> '' or stored.user_name is not null or link.salt is not null)
            then 'it was taken out, and holds something'
          when stored.data <> '{}' then 'data holds something; its text is in bdata'
          when stored.mt_dotnet_type is distinct from '{{EventStore.DotNetType}}' then 'mt_dotnet_type was changed'
          when stored.tenant_id is distinct from '*DEFAULT*' then 'tenant_id was changed'
          when stored.is_archived is distinct from false then 'it was archived'
          when stored.headers is null or stored.headers <> 'null' and (
            jsonb_typeof(stored.headers -> '{{EventStore.CommandHeader}}') is distinct from 'string' or
            stored.headers - '{{EventStore.CommandHeader}}' <> '{}') then 'headers were changed'
          end as what) as fault
        where fault.what is not null
        order by link.position nulls first, stored.seq_id
        limit 1
        """;

    private const string Links = """
        select format('journal event %s: it is missing, its place is there', link.position)
        from journal.link
        left join journal.mt_events as stored using (seq_id)
        where stored.seq_id is null
        order by link.position
        limit 1
        """;

    private const string Streams = """
        select format('journal stream %s: %s', coalesce(stream.id, kept.stream_id), fault.what)
        from journal.mt_streams as stream
        full join (
          select stream_id, count(*) as events, max(version) as newest
          from journal.mt_events
          where stream_id is not null
          group by stream_id) as kept on kept.stream_id = stream.id
        left join journal.mt_events as first on first.stream_id = stream.id and first.version = 1
        left join journal.mt_events as last on last.stream_id = stream.id and last.version = kept.newest
        cross join lateral (select case
          when stream.id is null then 'its row is missing'
          when kept.events is null then 'it has no events'
          when stream.version is distinct from kept.newest or kept.newest <> kept.events
            then format('it says version %s and has %s events', stream.version, kept.events)
          when stream.created is distinct from first.timestamp then 'created is not the time of its first event'
          when stream.timestamp is distinct from last.timestamp then 'timestamp is not the time of its last event'
          when stream.is_archived is distinct from false then 'it was archived'
          when stream.type is not null or stream.compacted_version <> 0 or
               stream.tenant_id is distinct from '*DEFAULT*' then 'type, tenant_id or compacted_version was changed'
          end as what) as fault
        where fault.what is not null
        order by 1
        limit 1
        """;

    private const string Unused = """
        select format('journal.%s: rows that the exchange did not write', name)
        from (select 'mt_event_progression' as name from journal.mt_event_progression
              union all select 'mt_event_projection_floors' from journal.mt_event_projection_floors
              union all select 'mt_high_water_skips' from journal.mt_high_water_skips
              union all select 'mt_doc_deadletterevent' from journal.mt_doc_deadletterevent) as found
        limit 1
        """;

    private const string Numbers = """
        select format('journal.mt_events_sequence: it would give out %s again', numbers.last_value)
        from journal.mt_events_sequence as numbers
        where numbers.last_value < (select max(seq_id) from journal.mt_events)
        """;

    private const string Checkpoints = """
        select format('journal.checkpoint of %s: position %s is not where it stopped', projection,
                      checkpoint.position)
        from journal.checkpoint
        left join journal.link on link.position = checkpoint.position
        where checkpoint.position <> 0 and (link.hash is null or link.hash <> checkpoint.hash)
        order by projection
        limit 1
        """;

    private static readonly string Erased = $"""
        select fault
        from (
          select 'journal.shown_event, journal.shown_stream: not as the last erasure left them' as fault
          where not ({EraseFromJournal.Shown.IsAsLeft})
          union all
          select format('journal.shown_event %s: there is no such event', seq_id) as fault
          from journal.shown_event as shown
          where not exists (select from journal.mt_events as stored where stored.seq_id = shown.seq_id)
          union all
          select format('journal event %s: it was taken out, and nobody who was erased is in it', link.position)
          from journal.link
          join journal.mt_events as stored using (seq_id)
          left join journal.shown_event as shown using (seq_id)
          where link.content is not null and not exists (
            select from journal.erased
            where strpos(concat_ws(' ', stored.stream_id, shown.who, convert_from(shown.body, 'UTF8')), token) > 0)
          union all
          select format('journal.shown_stream %s: there is no such stream', stored)
          from journal.shown_stream as named
          where not exists (select from journal.mt_streams as stream where stream.id = named.stored)
            and not exists (select from journal.shown_stream as before
                            where named.stored ~ '~[0-9]+$'
                              and split_part(before.stored, '~', 1) = named.shown and before.stored <> named.stored)
          union all
          select format('journal.erased %s: the journal does not say so', token)
          from journal.erased
          where not exists (select from journal.event as told
                            where told.type = 'person-erased/1' and told.body::jsonb ->> 'token' = token)
          union all
          select format('journal.erased: %s is missing', told.body::jsonb ->> 'token')
          from journal.event as told
          where told.type = 'person-erased/1'
            and not exists (select from journal.erased where told.body::jsonb ->> 'token' = token)) as found
        order by 1
        limit 1
        """;

    /// <returns>The first fault of each kind.</returns>
    public static async Task<IReadOnlyList<string>> Run(NpgsqlDataSource database, CancellationToken ct)
    {
        List<string> wrong = [];
        await using var connection = await database.OpenConnectionAsync(ct);

        // One look at all of it: an append in between must not seem a difference.
        await using var look = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        foreach (var sql in (string[])[Events, Links, Streams, Unused, Numbers, Checkpoints, Erased])
        {
            await using var command = connection.Statement(sql, []);
            if (await command.ExecuteScalarAsync(ct) is string place)
            {
                wrong.Add(place);
            }
        }

        return wrong;
    }
}
