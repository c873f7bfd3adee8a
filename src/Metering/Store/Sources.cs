using System.Runtime.InteropServices;
using System.Text;

namespace Exchange.Metering;

/// <summary>
/// Which number a source has for a landlord: ids are unique within the landlord, so that nobody can occupy those that
/// another will use. A source keeps its plain name for the landlord whose reading of it came first; to every other it
/// is a source of its own, named with the landlord behind. So what was stored before sources were told apart is found
/// again under the number that it has.
/// </summary>
internal sealed class Sources(Names names)
{
    private const byte Between = 0; // Neither a source nor a landlord holds it.
    private readonly Names _asked = new(64); // A source, the landlord behind it.
    private readonly Dictionary<int, string> _owners = [];
    private readonly Dictionary<int, int> _plain = [];
    private int[] _numbers = new int[64];

    /// <summary>The name by which a landlord's source is asked for: its kind, the source, the landlord behind it.
    /// </summary>
    public static int Write(ReadOnlySpan<byte> source, ReadOnlySpan<byte> landlord, Span<byte> into)
    {
        into[0] = Names.Source;
        source.CopyTo(into[1..]);
        into[1 + source.Length] = Between;
        landlord.CopyTo(into[(2 + source.Length)..]);
        return 2 + source.Length + landlord.Length;
    }

    /// <summary>The source as its reporter names it.</summary>
    public static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(Plain(name)[1..]);

    /// <summary>The number of a source as it is asked for, or 0; any thread may ask.</summary>
    public int Find(ReadOnlySpan<byte> asked) =>
        _asked.Find(asked) is > 0 and var place ? Volatile.Read(ref _numbers)[place] : 0;

    /// <summary>The number of a source as it is asked for, which is new if it was not known; only the writer asks.
    /// </summary>
    public int FindOrAdd(ReadOnlySpan<byte> asked)
    {
        var known = Find(asked);
        if (known > 0)
        {
            return known;
        }

        var name = Plain(asked);
        var landlord = Encoding.UTF8.GetString(asked[(name.Length + 1)..]);
        var plain = names.Find(name);
        if (plain == 0)
        {
            _owners[plain = names.FindOrAdd(name)] = landlord;
        }

        var number = plain;
        if (_owners.GetValueOrDefault(plain) != landlord)
        {
            number = names.FindOrAdd(asked);
            _plain[number] = plain;
        }

        var place = _asked.Count + 1;
        if (place == _numbers.Length)
        {
            var longer = new int[place * 2];
            _numbers.CopyTo(longer, 0);
            Volatile.Write(ref _numbers, longer);
        }

        _numbers[place] = number;
        _asked.FindOrAdd(asked);
        return number;
    }

    /// <summary>As a row of another numbering asks for it.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> source, ReadOnlySpan<byte> resource)
    {
        var name = Plain(source);
        var landlord = resource[1..resource.IndexOf((byte)'/')];
        Span<byte> asked = stackalloc byte[1 + name.Length + landlord.Length];
        return FindOrAdd(asked[..Write(name[1..], landlord, asked)]);
    }

    /// <summary>The number under which readings of this source stood when sources were not told apart, or 0.</summary>
    public int PlainOf(int number) => _plain.Count == 0 ? 0 : _plain.GetValueOrDefault(number);

    /// <summary>Learns whose a plain source is from a stored row; rows come in the order of the chain.</summary>
    public void Learn(in Row row)
    {
        ref var owner = ref CollectionsMarshal.GetValueRefOrAddDefault(_owners, row.Source, out var isKnown);
        if (!isKnown)
        {
            owner = row.Correction?.Landlord ?? LandlordOf(names[row.Resource]);
        }
    }

    /// <summary>Whose a source is; only the writer asks.</summary>
    public string OwnerOf(int source) => names[source].IndexOf(Between) is > 0 and var end
        ? Encoding.UTF8.GetString(names[source][(end + 1)..])
        : _owners[source];

    private static string LandlordOf(ReadOnlySpan<byte> resource) =>
        Encoding.UTF8.GetString(resource[1..resource.IndexOf((byte)'/')]);

    /// <summary>Whether it is known whose a source is; of one named with its landlord it needs not be.</summary>
    public bool IsOwned(int source) => _owners.ContainsKey(source) || names[source].Contains(Between);

    private static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> name) =>
        name.IndexOf(Between) is > 0 and var end ? name[..end] : name;
}
