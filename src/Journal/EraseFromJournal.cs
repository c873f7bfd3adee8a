using System.Security.Cryptography;
using System.Text.Json.Serialization;
using NodaTime;
using Npgsql;

namespace Exchange.Journal;

/// <summary>That somebody was erased, and who asked for it. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Erased), "person-erased/1")]
public abstract record ErasureEvent
{
    /// <summary>The one stream of them.</summary>
    public const string Stream = "erasures-exchange";

    private ErasureEvent() { }

    /// <summary>From here on a token stands for a person.</summary>
    public sealed record Erased(string Token, string Reason, string By, Instant At) : ErasureEvent
    {
        /// <summary>A hash of all that readers are shown instead of what was appended, after this erasure.</summary>
        public string? Shown { get; init; }

        /// <summary>The same of charges that closes kept.</summary>
        public string? ShownKept { get; init; }
    }
}

/// <summary>
/// Erases people from what readers of the journal are shown: beside each event that holds them stands what it is shown
/// as, and streams named after them are found by their tokens. What was appended goes, but for what older versions did,
/// which is hashed as it is; every hash stays.
/// </summary>
public static class EraseFromJournal
{
    private const int RowsAtOnce = 500;

    /// <summary>All that is shown instead of what was appended.</summary>
    public static ShownHash Shown { get; } = new("shown", """
        select format('event %s %s %L', seq_id, encode(sha256(body), 'hex'), who) as line
        from journal.shown_event
        union all select format('stream %L %L', shown, stored) from journal.shown_stream
        union all
        select format('person %s %s %s %s', token, encode(salt, 'hex'), encode(hash, 'hex'), extract(epoch from at))
        from journal.erased
        union all
        select format('taken out %s %L %L %L %L', seq_id, stream_id, type, headers ->> 'command', correlation_id)
        from journal.link
        join journal.mt_events as stored using (seq_id)
        where link.content is not null
        """);

    /// <summary>What of the journal was touched.</summary>
    public sealed record JournalErased(int Events, int Streams);

    /// <summary>A stream's name, and under what name readers know it.</summary>
    public sealed record StreamName(string Stored, string Shown);

    /// <summary>The names of streams that hold one of some texts; nobody appends until the transaction ends.</summary>
    public static async Task<IReadOnlyList<StreamName>> Streams(
        NpgsqlConnection connection, IEnumerable<string> texts, CancellationToken ct)
    {
        const string Sql = """
            select stream.id::text, coalesce(named.shown, stream.id::text)
            from journal.mt_streams as stream
            left join journal.shown_stream as named on named.stored = stream.id
            where exists (select from unnest($1::text[]) as text
                          where strpos(lower(coalesce(named.shown, stream.id)), lower(text)) > 0)
            order by 1
            """;

        await connection.Execute("select position from journal.head for update", [], ct);
        await using var command = connection.Statement(Sql, [texts.ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<StreamName>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(rows.GetString(0), rows.GetString(1)));
        }

        return found;
    }

    /// <param name="people">Each address with its token.</param>
    /// <param name="streams">Those of which the name may hold one of them.</param>
    public static async Task<JournalErased> Run(
        NpgsqlConnection connection, ErasedText text, IReadOnlyList<(string Address, string Token)> people,
        IReadOnlyList<StreamName> streams, Instant at, CancellationToken ct)
    {
        foreach (var (address, token) in people)
        {
            var salt = RandomNumberGenerator.GetBytes(16);
            await connection.Execute(
                "insert into journal.erased (token, salt, hash, at) values ($1, $2, $3, $4)",
                [token, salt, ErasedToken.Hash(salt, address), at], ct);
        }

        var renamed = streams.Select(name => (name.Stored, name.Shown, Now: text.Of(name.Shown)))
            .Where(name => name.Now != name.Shown).ToList();
        var free = await RemoveStored.Renameable(connection, renamed.Select(name => name.Stored), ct);
        foreach (var (stored, shown, now) in renamed.Where(name => !free.Contains(name.Stored)))
        {
            await Rename(connection, stored, shown, now, ct);
        }

        var events = await Events(connection, text, free, ct);
        foreach (var (stored, _, now) in renamed.Where(name => free.Contains(name.Stored)))
        {
            await RemoveStored.Rename(connection, stored, now, ct);
        }

        await connection.Execute(
            "update journal.erased set at = at + (clock_timestamp() - now()) where token = any($1)",
            [people.Select(one => one.Token).ToArray()], ct);
        return new(events, renamed.Count);
    }

    private static async Task Rename(
        NpgsqlConnection connection, string stored, string shown, string now, CancellationToken ct)
    {
        const string Sql = """
            insert into journal.shown_stream (shown, stored) values ($1, $2)
            on conflict (stored) do update set shown = excluded.shown
            """;

        await connection.Execute(Sql, [now, stored], ct);
        var tilde = stored.LastIndexOf('~');
        var isLater = tilde > 0 && stored[..tilde] == shown;
        var number = isLater && int.TryParse(stored[(tilde + 1)..], out var last) ? last : 1;
        await connection.Execute(Sql, [shown, $"{shown}~{number + 1}"], ct);
    }

    /// <param name="free">Streams that will be called something else: each of their events is shown beside it.</param>
    private static async Task<int> Events(
        NpgsqlConnection connection, ErasedText text, IReadOnlySet<string> free, CancellationToken ct)
    {
        const string Write = """
            insert into journal.shown_event (seq_id, body, who)
            select seq_id, convert_to(body, 'UTF8'), who from unnest($1::bigint[], $2::text[], $3::text[])
              as new (seq_id, body, who)
            on conflict (seq_id) do update set body = excluded.body, who = excluded.who
            """;

        var found = await Found(connection, text, free, ct);
        foreach (var some in found.Chunk(RowsAtOnce))
        {
            await connection.Execute(
                Write,
                [
                    some.Select(one => one.Seq).ToArray(), some.Select(one => one.Body).ToArray(),
                    some.Select(one => one.Who).ToArray(),
                ], ct);
            await RemoveStored.Texts(connection, [.. some.Select(one => one.Seq)], ct);
        }

        return found.Count;
    }

    private static async Task<List<(long Seq, string Body, string? Who)>> Found(
        NpgsqlConnection connection, ErasedText text, IReadOnlySet<string> free, CancellationToken ct)
    {
        const string Sql = """
            select seq_id, body, who, stream, stored = any($2)
            from (select stored.seq_id, convert_from(coalesce(shown.body, stored.bdata), 'UTF8') as body,
                         case when shown.seq_id is null then stored.user_name::text else shown.who end as who,
                         coalesce(named.shown, stored.stream_id::text) as stream, stored.stream_id as stored
                  from journal.mt_events as stored
                  left join journal.shown_event as shown using (seq_id)
                  left join journal.shown_stream as named on named.stored = stored.stream_id) as event
            where exists (select from unnest($1::text[]) as needle
                          where strpos(lower(body), lower(needle)) > 0 or strpos(lower(who), lower(needle)) > 0
                             or strpos(stream, needle) > 0)
               or stored = any($2)
            order by seq_id
            """;

        await using var command = connection.Statement(Sql, [text.Needles.ToArray(), free.ToArray()]);
        command.CommandTimeout = 0;
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(long, string, string?)>();
        while (await rows.ReadAsync(ct))
        {
            var (body, who) = (rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2));
            var (shown, by) = (text.Of(body, rows.GetString(3)), who is null ? null : text.Of(who));
            if (shown != body || by != who || rows.GetBoolean(4))
            {
                found.Add((rows.GetInt64(0), shown, by));
            }
        }

        return found;
    }
}
