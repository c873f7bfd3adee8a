using System.Security.Cryptography;
using JasperFx.Events;
using NodaTime;
using Npgsql;

namespace Exchange.Journal;

/// <summary>The links of one append: each event's place and hash, before Marten keeps it and after.</summary>
internal sealed class Links(long position, byte[] hash, Instant at, EventHeaders? headers)
{
    /// <summary>So much of it is random that nobody tries all.</summary>
    internal const int SaltBytes = 16;

    private readonly List<IEvent> _events = [];
    private readonly List<byte[]> _hashes = [];
    private readonly List<byte[]> _salts = [];
    private readonly DateTimeOffset _at = at.ToDateTimeOffset();
    private byte[] _hash = hash;
    private long _written;

    public EventHeaders? Headers => headers;

    /// <summary>The events of a stream, each with its time, and with an id that follows from its hash.</summary>
    public object[] Next(StreamAppend append)
    {
        var events = new object[append.Events.Count];
        for (var i = 0; i < events.Length; i++)
        {
            var happened = append.Events[i];
            Appends.CheckText(append.Stream, happened);
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            _hash = Chain.Link(
                _hash, position + _written + _events.Count + 1, append.ExpectedVersion + i, at,
                Chain.Content(salt, append.Stream, happened, headers));
            var stored = new Event<StoredEvent>(new(happened.Json)) { Id = Chain.IdOf(_hash), Timestamp = _at };
            events[i] = stored;
            _events.Add(stored);
            _hashes.Add(_hash);
            _salts.Add(salt);
        }

        return events;
    }

    /// <summary>Writes the places under which the events since the last time are found.</summary>
    public async Task Write(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            insert into journal.link (position, seq_id, hash, salt)
            select $1 + place, seq_id, hash, salt
            from unnest($2::bigint[], $3::bytea[], $4::bytea[]) with ordinality as added (seq_id, hash, salt, place)
            """;

        var sequence = _events.Select(stored => stored.Sequence).ToArray();
        if (sequence.Any(seq => seq <= 0))
        {
            throw new InvalidOperationException("Marten did not say under which numbers it kept the events.");
        }

        await connection.Execute(Sql, [position + _written, sequence, _hashes.ToArray(), _salts.ToArray()], ct);
        _written += sequence.Length;
        _events.Clear();
        _hashes.Clear();
        _salts.Clear();
    }

    /// <summary>Moves the head of the chain to the last of them.</summary>
    public async Task MoveHead(NpgsqlConnection connection, CancellationToken ct) => await connection.Execute(
        "update journal.head set position = $1, hash = $2", [position + _written, _hash], ct);
}
