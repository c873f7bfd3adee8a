using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// What this process knows of the blocks: every name, and every reading that was ever taken, the latest in memory and
/// the older ones through filters. Used by one writer at a time, under the lock on the head.
/// </summary>
/// <param name="before">What was known until something was forgotten: its filters need not be read again.</param>
internal sealed partial class DedupIndex(NpgsqlDataSource database, Head head, int readingsInMemory,
    DedupIndex.Filters? before = null)
{
    public const int ReadingsInMemory = 1 << 19;
    private const int FewestInMemory = 1 << 16;
    private const int BytesOfReading = 16 * 120; // A sixteenth of memory: 72 with the table it is copied to, 48 leave.
    private const int BlocksInMemory = 60_000; // A run counts its blocks in 16 bits.
    private const int ReadingsRecalled = 1 << 18;
    private const int BlocksAStep = 64;
    private const int ReadingsApproached = 256;

    private readonly Fingerprint _fingerprint = new(head.Secret);
    private readonly SortedRuns _runs =
        new(before is not null && before.Secret.AsSpan().SequenceEqual(head.Secret) ? before.Runs : []);
    private KeyTable _recent = new();
    private KeyTable _recalled = new();
    private readonly HashSet<int> _hours = []; // Of the readings in _recent that are named after their time.
    private long _flushed; // The last block of which runs know.
    private long _parted; // The last block whose readings are in _recent no more.
    private long _named; // The last block whose names are known, while blocks are learned of.
    private int _namesStored;
    private readonly BytesWriter _writer = new();
    private Row[] _room = [];
    private readonly List<Sought> _sought = [];
    private readonly Dictionary<Fingerprint.Key, int> _wanted = [];
    private readonly List<(int Row, Sought Sought)> _plain = [];
    private Tuple<long, byte[]> _stored = new(0, new byte[32]);

    public SortedRuns Runs => _runs;

    /// <summary>How many of the latest readings are kept in memory where there is so much of it.</summary>
    public static int ReadingsIn(long memory) => (int)Math.Clamp(
        (long)BitOperations.RoundUpToPowerOf2((ulong)(memory / BytesOfReading) + 1) / 2,
        FewestInMemory, ReadingsInMemory);

    /// <summary>
    /// What of this need not be read again when it is forgotten. A run that was written beside a damaged block is made
    /// again once that is restored, and is called as before.
    /// </summary>
    public Filters Known => new(Secret, _runs.All.RemoveAll(run => _damage.IsWithin(run.First, run.Last)));
    public Names Names { get; } = new();
    public long Number { get; private set; }
    public byte[] Hash { get; private set; } = new byte[32];
    public byte[] Secret => head.Secret;

    /// <summary>The last block that is known to be stored, and its hash; any thread may ask.</summary>
    public (long Number, byte[] Hash) Stored =>
        Volatile.Read(ref _stored) is var (number, hash) ? (number, hash) : default;

    /// <summary>Notes that everything up to a head is stored.</summary>
    public void Confirm(Head stored) => Volatile.Write(ref _stored, new(stored.Number, stored.Hash));

    /// <summary>The head as it is once everything that was packed is written.</summary>
    public Head Head => head with { Number = Number, Hash = Hash, Flushed = _flushed };

    /// <summary>Whether something failed half way, so that this knows of readings that are not stored.</summary>
    public bool IsSpoilt { get; set; }

    /// <summary>
    /// Whether this still follows from what the head says, or must be made anew. Numbers are not enough: where the
    /// database went back and others went on from there, the block of the same number is another.
    /// </summary>
    public async Task<bool> Follows(NpgsqlConnection connection, Head now, CancellationToken ct)
    {
        var mayFollow = !IsSpoilt && now.Epoch == head.Epoch && now.Secret.AsSpan().SequenceEqual(head.Secret) &&
            (now.Number == Number || Names.Count == _namesStored) && now.Number >= Number && now.Flushed >= _flushed;
        return mayFollow && await BlockChain.Has(connection, Number, Hash, ct) &&
            !await _damage.HasRestored(connection, _flushed, ct);
    }

    /// <summary>Learns of the blocks that others wrote, or of all of them at first.</summary>
    public async Task CatchUp(NpgsqlConnection connection, Head now, CancellationToken ct)
    {
        var known = Number;
        _named = Number;
        if (now.Flushed > _flushed)
        {
            await PassOver(connection, now.Flushed, ct);
        }

        var before = Number < now.Number ? await BlockChain.HashOf(connection, Number, ct) : null;
        while (Number < now.Number)
        {
            var blocks = new List<(Block Block, byte[] Hash)>();
            await foreach (var stored in BlockChain.BlocksAfter(connection, Number, BlocksAStep, ct))
            {
                blocks.Add(stored);
            }

            foreach (var (block, own) in blocks)
            {
                before = await LearnMissing(connection, block.Number - 1, before, ct);
                var whole = await BlockNote.Whole(connection, block, before, own, ct);
                await Learn(connection, whole ?? block, whole is not null, ct);
                before = own;
            }

            if (blocks.Count == 0)
            {
                before = await LearnMissing(connection, now.Number, before, ct);
            }

            Hash = before ?? Hash;
            while (IsFull)
            {
                await Leave(connection, ct);
                Part();
            }
        }

        // Where no block came, names of what was set aside may be known that none has stored.
        (Hash, _namesStored) = (now.Hash, now.Number > known ? Names.Count : _namesStored);
        Confirm(now);
    }

    /// <summary>
    /// Learns of the blocks that runs know of since, by their names alone. Of later ones that were known here the
    /// readings are to be read again.
    /// </summary>
    private async Task PassOver(NpgsqlConnection connection, long flushed, CancellationToken ct)
    {
        var fresh = new List<(long Block, int Source)>();
        await foreach (var block in NamedBlock.Between(
            connection, _named, Names.Count, Math.Max(_named, flushed), ct))
        {
            var known = Names.Count;
            block.AddTo(Names);
            fresh.AddRange(Enumerable.Range(known + 1, Names.Count - known)
                .Where(name => Names[name][0] == Metering.Names.Source).Select(source => (block.Number, source)));
        }

        await LearnOwners(connection, fresh, ct);
        await _damage.Read(connection, flushed, ct);
        await _runs.Refresh(connection, ct);
        _recent = new();
        _hours.Clear();
        (_leaving, _packing) = (null, null);
        (_flushed, _parted, Number, _named) = (flushed, flushed, flushed, Math.Max(_named, flushed));
    }

    /// <summary>Finds out which readings of a batch were taken before; the fresh ones are known from now on.</summary>
    /// <param name="connection">Where to look for what may be old; without one it is opened when it is needed.</param>
    /// <param name="fresh">The rows for the next blocks; those that are fresh are added.</param>
    /// <param name="decide">Is told of each row whether it is fresh, and else if the known one says the same.</param>
    public async Task Know(
        NpgsqlConnection? connection, Batch batch, List<Row> fresh, Action<int, bool, bool> decide,
        CancellationToken ct)
    {
        if (_recalled.Count > ReadingsRecalled)
        {
            _recalled = new();
        }

        _wanted.Clear();
        Look(batch);
        LookBefore(batch);
        if (_wanted.Count > 0)
        {
            await Recall(connection, ct);
        }

        Decide(batch, fresh, decide);
    }

    private void Decide(Batch batch, List<Row> fresh, Action<int, bool, bool> decide)
    {
        var sought = CollectionsMarshal.AsSpan(_sought);
        var rows = batch.Rows;
        var plain = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (plain < _plain.Count && _plain[plain].Row == i && IsKnown(_plain[plain++].Sought))
            {
                decide(i, false, true);
                continue;
            }

            if (i % ReadingsApproached == 0)
            {
                _recent.Approach(sought[i..Math.Min(i + ReadingsApproached, sought.Length)]);
                _leaving?.Approach(sought[i..Math.Min(i + ReadingsApproached, sought.Length)]);
            }

            ref readonly var reading = ref sought[i];
            ulong known = 0;
            var block = Number + 1 + (fresh.Count / Block.MaxReadings);
            var isFresh = !(reading.MayBeOld && _recalled.Has(reading.Key, out known)) &&
                Remember(reading, block, out known);
            if (isFresh)
            {
                fresh.Add(rows[i]);
            }

            decide(i, isFresh, known == reading.Content);
        }
    }

    /// <summary>Knows a reading from now on, unless it is known.</summary>
    private bool Remember(in Sought reading, long block, out ulong known)
    {
        known = 0;
        var isFresh = _leaving?.Has(reading.Key, out known) != true &&
            _recent.TryAdd(reading.Key, reading.Content, Offset(block), out known, reading.IsDerived);
        if (isFresh && reading.IsDerived)
        {
            _hours.Add(reading.Hour);
        }

        return isFresh;
    }

    /// <summary>Packs fresh rows into the next blocks; the first takes the names that are new.</summary>
    public List<(Block Block, byte[] Hash)> Pack(ReadOnlySpan<Row> rows)
    {
        var blocks = new List<(Block, byte[])>();
        for (var start = 0; start < rows.Length; start += Block.MaxReadings)
        {
            var part = rows[start..Math.Min(rows.Length, start + Block.MaxReadings)];
            var block = Block.Pack(Number + 1, part, Names, _namesStored, _writer);
            block = block with { Landlords = OwnersIn(part), LastName = Names.Count };
            (Number, Hash, _namesStored) = (block.Number, block.Link(Hash), Names.Count);
            blocks.Add((block, Hash));
        }

        return blocks;
    }

    private int Offset(long block) => (int)(block - _parted - 1);

    /// <summary>The filters of runs, and the secret that their fingerprints are made with.</summary>
    internal sealed record Filters(byte[] Secret, ImmutableArray<SortedRun> Runs);
}
