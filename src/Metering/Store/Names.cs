using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Exchange.Metering;

/// <summary>
/// Names by number, in the order in which they first came: resources, sources, projects, shapes and meters, told apart
/// by their first byte. Blocks hold the numbers, and each block the names that are new in it. One thread adds, any
/// number of threads look up meanwhile; a name is never taken back.
/// </summary>
internal sealed class Names(int expected = 1024)
{
    public const byte Resource = (byte)'r';
    public const byte Source = (byte)'s';
    public const byte Project = (byte)'p';
    public const byte Shape = (byte)'h';
    public const byte Meter = (byte)'m';
    private const int ChunkLength = 1 << 16;
    private static readonly ulong First = Random();
    private static readonly ulong Second = Random();

    private readonly List<byte[]> _chunks = [];
    private Place[] _places = new Place[Math.Max(16, expected / 2)];
    private int _used = ChunkLength;
    private Table _table = new(expected);
    private int _count;
    private Sources? _sources;

    /// <summary>Which number a source has for a landlord.</summary>
    public Sources Sources => LazyInitializer.EnsureInitialized(ref _sources, () => new(this));

    /// <summary>Stands for this numbering; who keeps it does not keep the names.</summary>
    public object Token { get; } = new();

    /// <summary>How many names there are; they are numbered from 1.</summary>
    public int Count => _count;

    /// <summary>How many bytes all of them have.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of a name, or 0.</summary>
    public int Find(ReadOnlySpan<byte> name) => Find(Volatile.Read(ref _table), name, Hash(name));

    /// <summary>Whether this is the number of a name.</summary>
    public bool Is(int number, ReadOnlySpan<byte> name) =>
        number > 0 && number <= Volatile.Read(ref _count) && this[number].SequenceEqual(name);

    /// <summary>The number of a name, which is new if it was not known.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> name) => Find(_table, name, Hash(name)) is > 0 and var known
        ? known
        : Append(name);

    /// <summary>
    /// Gives a name the next number, as the block says that brought it. One that came again while the block that
    /// brought it first could not be read has two; the first is found.
    /// </summary>
    public int Append(ReadOnlySpan<byte> name)
    {
        var hash = Hash(name);
        var isKnown = Find(_table, name, hash) > 0;
        if (Count + 1 >= _places.Length)
        {
            var longer = new Place[_places.Length * 2];
            _places.CopyTo(longer, 0);
            Volatile.Write(ref _places, longer);
        }

        if (_used + name.Length > ChunkLength)
        {
            _chunks.Add(new byte[Math.Max(ChunkLength, name.Length)]);
            _used = 0;
        }

        name.CopyTo(_chunks[^1].AsSpan(_used));
        _places[Count + 1] = new(_chunks[^1], _used, name.Length);
        _used += name.Length;
        Bytes += name.Length;
        Volatile.Write(ref _count, Count + 1);
        if (Count * 2 > _table.Slots.Length)
        {
            Volatile.Write(ref _table, _table.Doubled());
        }

        if (!isKnown)
        {
            _table.Put(hash, Count);
        }

        return Count;
    }

    /// <summary>The bytes of a name, its kind first.</summary>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            var place = Volatile.Read(ref _places)[number];
            return place.Chunk.AsSpan(place.Start, place.Length);
        }
    }

    private int Find(Table table, ReadOnlySpan<byte> name, ulong hash)
    {
        for (var i = table.First(hash); ; i = (i + 1) & (table.Slots.Length - 1))
        {
            ref var slot = ref table.Slots[i];
            var number = Volatile.Read(ref slot.Number);
            if (number == 0)
            {
                return 0;
            }

            if (slot.Hash == hash && this[number].SequenceEqual(name))
            {
                return number;
            }
        }
    }

    private static ulong Random() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Seeded anew in every process, so that nobody can choose names that fall on each other.</summary>
    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        var hash = First ^ (ulong)name.Length;
        var rest = name;
        for (; rest.Length > 16; rest = rest[16..])
        {
            hash = Mix(hash, rest, rest[8..]);
        }

        // The last sixteen, some of which may be among those before; or all, where it is shorter.
        return Fold(
            rest.Length < 8 ? Fold(hash ^ Short(rest), Second) : Mix(hash, rest, rest[^8..]), First | 1);
    }

    /// <summary>Sixteen bytes by one multiplication; what they are multiplied with is secret.</summary>
    private static ulong Mix(ulong hash, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Fold(
        hash ^ BinaryPrimitives.ReadUInt64LittleEndian(left), Second ^ BinaryPrimitives.ReadUInt64LittleEndian(right));

    private static ulong Short(ReadOnlySpan<byte> name)
    {
        ulong word = 0;
        foreach (var b in name)
        {
            word = (word << 8) | b;
        }

        return word;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    /// <summary>Where the bytes of a name are.</summary>
    private readonly record struct Place(byte[] Chunk, int Start, int Length);

    /// <summary>The numbers by the hash of their names; readers keep the one that they found.</summary>
    private sealed class Table(int expected)
    {
        public readonly Slot[] Slots =
            new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)expected * 2)];

        public int First(ulong hash) => (int)(hash & (ulong)(Slots.Length - 1));

        public void Put(ulong hash, int number)
        {
            var i = First(hash);
            while (Slots[i].Number != 0)
            {
                i = (i + 1) & (Slots.Length - 1);
            }

            Slots[i].Hash = hash;
            Volatile.Write(ref Slots[i].Number, number);
        }

        public Table Doubled()
        {
            var larger = new Table(Slots.Length);
            foreach (ref readonly var slot in Slots.AsSpan())
            {
                if (slot.Number != 0)
                {
                    larger.Put(slot.Hash, slot.Number);
                }
            }

            return larger;
        }
    }

    /// <summary>A number, 0 where there is none, beside the hash of its name: both are in one line of memory.</summary>
    private struct Slot
    {
        public ulong Hash;
        public int Number;
    }
}
