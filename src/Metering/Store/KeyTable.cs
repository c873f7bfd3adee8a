using System.Numerics;

namespace Exchange.Metering;

/// <summary>
/// The readings that are known, in memory: by the fingerprint of (source, id), what each says, and in which block it
/// is, counted from the first block that is here.
/// </summary>
internal sealed class KeyTable(int expected = 1 << 14)
{
    private const int Words = 3;
    private const int ContentShift = 17;
    private const ulong Derived = 1 << 16;
    private ulong[] _slots = New(expected);
    private ulong _seen; // Kept so that to look is not optimised away.

    public int Count { get; private set; }

    /// <summary>Keeps a reading unless it is known; says what the known one of this key says.</summary>
    /// <param name="block">Less than 65,536.</param>
    /// <param name="isDerived">Whether its id names its time.</param>
    public bool TryAdd(Fingerprint.Key key, ulong content, int block, out ulong known, bool isDerived = false)
    {
        var at = Find(key);
        known = _slots[at + 2] >> ContentShift;
        if (_slots[at] != 0 || _slots[at + 1] != 0)
        {
            return false;
        }

        Put(at, key, (content << ContentShift) | (isDerived ? Derived : 0) | (uint)block);
        Count++;
        if (Count * 5L > _slots.Length)
        {
            var old = _slots;
            _slots = new ulong[old.Length * 2];
            for (var i = 0; i < old.Length; i += Words)
            {
                if (old[i] != 0 || old[i + 1] != 0)
                {
                    var moved = new Fingerprint.Key(old[i], old[i + 1]);
                    Put(Find(moved), moved, old[i + 2]);
                }
            }
        }

        return true;
    }

    public bool Has(Fingerprint.Key key, out ulong content)
    {
        var at = Find(key);
        content = _slots[at + 2] >> ContentShift;
        return _slots[at] != 0 || _slots[at + 1] != 0;
    }

    /// <summary>In which block a reading is, counted from the first here; -1 where it is not here.</summary>
    public int BlockOf(Fingerprint.Key key) => Has(key, out _) ? (int)(_slots[Find(key) + 2] & 0xffff) : -1;

    /// <summary>
    /// Brings the places of these readings near: memory is asked for many at once here, and for one after the other
    /// where each is decided about.
    /// </summary>
    public void Approach(ReadOnlySpan<Sought> readings)
    {
        var slots = _slots;
        var mask = (ulong)(slots.Length / Words) - 1;
        var seen = 0UL;
        foreach (ref readonly var reading in readings)
        {
            seen ^= slots[(int)(reading.Key.Low & mask) * Words];
        }

        _seen = seen;
    }

    /// <summary>Forgets all, and keeps the room.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
    }

    /// <summary>Makes this know the readings of another table from a block on, counted as there.</summary>
    public void Take(KeyTable other, int from)
    {
        var slots = other._slots;
        for (var i = 0; i < slots.Length; i += Words)
        {
            if ((slots[i] != 0 || slots[i + 1] != 0) && (int)(slots[i + 2] & 0xffff) >= from)
            {
                TryAdd(new(slots[i], slots[i + 1]), slots[i + 2] >> ContentShift, 0, out _);
            }
        }
    }

    /// <summary>All that is known, in no order.</summary>
    public IEnumerable<(Fingerprint.Key Key, int Block, bool IsDerived)> All()
    {
        for (var i = 0; i < _slots.Length; i += Words)
        {
            if (_slots[i] != 0 || _slots[i + 1] != 0)
            {
                yield return (new(_slots[i], _slots[i + 1]), (int)(_slots[i + 2] & 0xffff),
                    (_slots[i + 2] & Derived) != 0);
            }
        }
    }

    private int Find(Fingerprint.Key key)
    {
        var slots = _slots;
        var mask = (slots.Length / Words) - 1;
        for (var i = (int)(key.Low & (ulong)mask); ; i = (i + 1) & mask)
        {
            var at = i * Words;
            if ((slots[at] == key.High && slots[at + 1] == key.Low) || (slots[at] == 0 && slots[at + 1] == 0))
            {
                return at;
            }
        }
    }

    private void Put(int at, Fingerprint.Key key, ulong word)
    {
        _slots[at] = key.High;
        _slots[at + 1] = key.Low;
        _slots[at + 2] = word;
    }

    private static ulong[] New(int expected) =>
        new ulong[Words * (int)BitOperations.RoundUpToPowerOf2((uint)expected * 5 / 3)];
}

/// <summary>A reading that is looked for: its key, what it says, and whether a run may have it.</summary>
internal record struct Sought(Fingerprint.Key Key, ulong Content)
{
    public bool MayBeOld { get; set; }

    /// <summary>The hour that its id names, or one of the two that are none; see <see cref="DerivedId"/>.</summary>
    public int Hour { get; init; } = DerivedId.NoHour;

    /// <summary>Whether that is the hour of the reading itself.</summary>
    public bool IsDerived { get; init; }

    public static Sought Of(in Row row, in Fingerprint fingerprint)
    {
        var isDerived = DerivedId.Is(row, out var hour);
        return new(fingerprint.Of(row), fingerprint.ContentOf(row)) { Hour = hour, IsDerived = isDerived };
    }
}
