using JasperFx.Events;
using NodaTime;
using Npgsql;

namespace Exchange.Journal;

/// <summary>The links of one append: each event's place and hash, before Marten keeps it and after.</summary>
internal sealed class Links(long position, byte[] hash, Instant at, EventHeaders? headers)
{
    private readonly List<IEvent> _events = [];
    private readonly List<byte[]> _hashes = [];
    private readonly DateTimeOffset _at = at.ToDateTimeOffset();
    private byte[] _hash = hash;

    public EventHeaders? Headers => headers;

    /// <summary>The events of a stream, each with its time, and with an id that follows from its hash.</summary>
    public object[] Next(StreamAppend append)
    {
        var events = new object[append.Events.Count];
        for (var i = 0; i < events.Length; i++)
        {
            var happened = append.Events[i];
            _hash = Chain.Link(
                _hash, position + _events.Count + 1, append.Stream, append.ExpectedVersion + i, happened, at, headers);
            var stored = new Event<StoredEvent>(new(happened.Json)) { Id = Chain.IdOf(_hash), Timestamp = _at };
            events[i] = stored;
            _events.Add(stored);
            _hashes.Add(_hash);
        }

        return events;
    }

    /// <summary>Writes the places under which the events are found, and moves the head to the last of them.</summary>
    public async Task Write(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            with linked as (
              insert into journal.link (position, seq_id, hash)
              select $1 + place, seq_id, hash
              from unnest($2::bigint[], $3::bytea[]) with ordinality as added (seq_id, hash, place))
            update journal.head set position = $1 + $4, hash = $5
            """;

        var sequence = _events.Select(stored => stored.Sequence).ToArray();
        if (sequence.Any(seq => seq <= 0))
        {
            throw new InvalidOperationException("Marten did not say under which numbers it kept the events.");
        }

        await connection.Execute(Sql, [position, sequence, _hashes.ToArray(), (long)sequence.Length, _hash], ct);
    }
}
