using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// What this process knows of the blocks: every name, and every reading that was ever taken, the latest in memory and
/// the older ones through filters. Used by one writer at a time, under the lock on the head.
/// </summary>
internal sealed class Ledger(Head head, int readingsInMemory)
{
    public const int ReadingsInMemory = 1 << 20;
    private const int BlocksInMemory = 60_000; // A run counts its blocks in 16 bits.
    private const int ReadingsRecalled = 1 << 18;
    private const int BlocksAStep = 64;
    private const int ReadingsApproached = 256;

    private readonly Fingerprint _fingerprint = new(head.Secret);
    private readonly KeyRuns _runs = new();
    private KeyTable _recent = new();
    private KeyTable _recalled = new();
    private long _flushed;
    private int _namesStored;
    private readonly BytesWriter _writer = new();
    private Row[] _room = [];
    private readonly List<(Fingerprint.Key Key, ulong Content)> _keys = [];
    private readonly List<KeyRuns.Candidate> _candidates = [];

    public Names Names { get; } = new();
    public long Number { get; private set; }
    public byte[] Hash { get; private set; } = new byte[32];

    /// <summary>Whether this still follows from what the head says, or must be made anew.</summary>
    public bool Follows(Head now) =>
        now.Epoch == head.Epoch && (now.Number == Number || Names.Count == _namesStored) && now.Number >= Number;

    /// <summary>Learns of the blocks that others wrote, or of all of them at first.</summary>
    public async Task CatchUp(NpgsqlConnection connection, Head now, CancellationToken ct)
    {
        if (now.Flushed > _flushed)
        {
            const string Sql = """
                select number, readings, from_us, to_us, first_name, names, ''::bytea, ''::bytea, hash
                from metering.block
                where number > $1 and number <= $2 and names <> ''
                order by number
                """;
            await foreach (var (block, _) in Blocks(connection, Sql, ct, Number, now.Flushed))
            {
                block.AddNames(Names);
            }

            await _runs.Load(connection, _flushed, ct);
            _recent = new();
            (_flushed, Number) = (now.Flushed, now.Flushed);
        }

        while (Number < now.Number)
        {
            await foreach (var (block, _) in BlocksAfter(connection, Number, BlocksAStep, ct))
            {
                block.AddNames(Names);
                Number = block.Number;
                foreach (var row in block.Unpack(ref _room))
                {
                    _recent.TryAdd(_fingerprint.Of(row), _fingerprint.ContentOf(row), Offset(block.Number), out _);
                }
            }

            await FlushIfFull(connection, ct);
        }

        (Hash, _namesStored) = (now.Hash, Names.Count);
    }

    /// <summary>Finds out which of these readings were taken before; the fresh ones are known from now on.</summary>
    /// <param name="decide">Is told of each row whether it is fresh, and else if the known one says the same.</param>
    public async Task Know(
        NpgsqlConnection connection, IReadOnlyList<Batch> batches, int readingsABlock,
        Action<Batch, int, bool, bool> decide, CancellationToken ct)
    {
        if (_recalled.Count > ReadingsRecalled)
        {
            _recalled = new();
        }

        _keys.Clear();
        _candidates.Clear();
        foreach (var batch in batches)
        {
            Look(batch);
        }

        if (_candidates.Count > 0)
        {
            await Recall(connection, ct);
        }

        var (fresh, at) = (0, 0);
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Count; i++, at++)
            {
                if (at % ReadingsApproached == 0)
                {
                    var end = Math.Min(at + ReadingsApproached, _keys.Count);
                    _recent.Approach(CollectionsMarshal.AsSpan(_keys)[at..end]);
                }

                var (key, content) = _keys[at];
                var block = Number + 1 + (fresh / readingsABlock);
                var isFresh = !_recalled.Has(key, out var known) &&
                    _recent.TryAdd(key, content, Offset(block), out known);
                fresh += isFresh ? 1 : 0;
                decide(batch, i, isFresh, known == content);
            }
        }
    }

    /// <summary>Packs fresh rows into the next blocks; the first takes the names that are new.</summary>
    public List<(Block Block, byte[] Hash)> Pack(ReadOnlySpan<Row> rows, int readingsABlock)
    {
        var blocks = new List<(Block, byte[])>();
        for (var start = 0; start < rows.Length; start += readingsABlock)
        {
            var part = rows[start..Math.Min(rows.Length, start + readingsABlock)];
            var block = Block.Pack(Number + 1, part, Names, _namesStored, _writer);
            (Number, Hash, _namesStored) = (block.Number, block.Link(Hash), Names.Count);
            blocks.Add((block, Hash));
        }

        return blocks;
    }

    /// <summary>Moves what is known of the latest readings out of memory once there are many.</summary>
    public async Task FlushIfFull(NpgsqlConnection connection, CancellationToken ct, bool always = false)
    {
        if (_recent.Count < readingsInMemory && Number - _flushed < BlocksInMemory && !(always && _recent.Count > 0))
        {
            return;
        }

        await _runs.Write(connection, _flushed + 1, Number, _recent, ct);
        await connection.Execute("update metering.head set flushed = $1", [Number], ct);
        KeepLatest();
        _flushed = Number;
        _recent.Clear();
    }

    /// <summary>
    /// What is sent twice is mostly sent again soon: the latest of what leaves memory are known as if recalled.
    /// </summary>
    private void KeepLatest()
    {
        _recalled.Clear();
        var blocks = Number - _flushed;
        var kept = Math.Min(1m, ReadingsRecalled / 2m / Math.Max(1, _recent.Count));
        _recalled.Take(_recent, (int)(blocks - (long)(blocks * kept)));
    }

    public static IAsyncEnumerable<(Block Block, byte[] Hash)> BlocksAfter(
        NpgsqlConnection connection, long number, int most, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number > $1
            order by number
            limit $2
            """;
        return Blocks(connection, Sql, ct, number, most);
    }

    public static async IAsyncEnumerable<(Block Block, byte[] Hash)> Blocks(
        NpgsqlConnection connection, string sql, [EnumeratorCancellation] CancellationToken ct,
        params object[] parameters)
    {
        await using var command = connection.Statement(sql, parameters);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return (new(
                rows.GetInt64(0), rows.GetInt32(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4),
                rows.GetFieldValue<byte[]>(5), rows.GetFieldValue<byte[]>(6), rows.GetFieldValue<byte[]>(7)),
                rows.GetFieldValue<byte[]>(8));
        }
    }

    private int Offset(long block) => (int)(block - _flushed - 1);

    /// <summary>
    /// What to know of the rows, and where runs may know them. All fingerprints come first: to look for one then waits
    /// for memory while others are looked for.
    /// </summary>
    private void Look(Batch batch)
    {
        var first = _keys.Count;
        CollectionsMarshal.SetCount(_keys, first + batch.Count);
        var keys = CollectionsMarshal.AsSpan(_keys)[first..];
        var rows = batch.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            keys[i] = (_fingerprint.Of(rows[i]), _fingerprint.ContentOf(rows[i]));
        }

        foreach (ref readonly var known in _runs.Count > 0 ? keys : [])
        {
            if (_runs.MayHave(known.Key) && !_recent.Has(known.Key, out _) && !_recalled.Has(known.Key, out _))
            {
                _runs.Candidates(known.Key, _candidates);
            }
        }
    }

    /// <summary>Reads the blocks in which candidates may be; their neighbours there mostly come again too.</summary>
    private async Task Recall(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number = any($1)
            """;
        var wanted = _candidates.Select(c => c.Key).ToHashSet();
        foreach (var numbers in (await KeyRuns.Blocks(connection, _candidates, ct)).Chunk(BlocksAStep))
        {
            await foreach (var (block, _) in Blocks(connection, Sql, ct, numbers))
            {
                foreach (var row in block.Unpack(ref _room))
                {
                    var key = _fingerprint.Of(row);
                    if (_recalled.Count < ReadingsRecalled || wanted.Contains(key))
                    {
                        _recalled.TryAdd(key, _fingerprint.ContentOf(row), 0, out _);
                    }
                }
            }
        }
    }
}
