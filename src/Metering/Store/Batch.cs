using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// The readings of one call, on their way to the writer. A name that has no number yet stands as one below zero: its
/// place among the names that are new in this call.
/// </summary>
internal sealed class Batch(Names names)
{
    private Row[] _rows = ArrayPool<Row>.Shared.Rent(256);
    private byte[] _name = new byte[256];

    /// <summary>The names whose numbers stand in the rows.</summary>
    public Names Names { get; private set; } = names;

    public Names? Fresh { get; private set; }

    /// <summary>How many bytes the names have that are new; each costs about as much again to be found.</summary>
    public long NewNameBytes => Fresh is { } fresh ? fresh.Bytes + (32L * fresh.Count) : 0;
    public int Count { get; private set; }

    /// <summary>How many readings came, good or bad.</summary>
    public int Length => Count + Misfits.Count;

    public Span<Row> Rows => _rows.AsSpan(0, Count);

    /// <summary>What it takes to keep what could not be understood.</summary>
    public long MisfitBytes { get; private set; }

    /// <summary>What could not be understood, and after how many rows it came.</summary>
    public List<(int After, RejectedReading Misfit)> Misfits { get; } = [];

    /// <summary>Keeps what is in bounds as a row and everything else as a misfit.</summary>
    public void Add(Collected collected, Instant now)
    {
        var (reading, misfit, correction) = Bounds.Check(collected, now);
        if (correction is not null)
        {
            Add(correction);
            return;
        }

        if (reading is null)
        {
            Misfits.Add((Count, misfit!));
            MisfitBytes += BytesOf(misfit!);
            return;
        }

        Next() = RowOf(reading);
    }

    /// <summary>What one that is set aside takes: its text, as much as is kept of it, and a row.</summary>
    public static long BytesOf(RejectedReading misfit) =>
        512 + int.Min(misfit.Text.Length, RejectedReading.MaxTextLength);

    private void Add(UsageCorrection correction)
    {
        var at = Microseconds(correction.Time);
        var row = correction.Replacement is { } replacement
            ? RowOf(replacement with { Source = correction.Source, Id = correction.Id })
            : new()
            {
                Id = RowId.Of(correction.Id),
                Source = Source(correction.Source, correction.Landlord),
                Type = ReadingType.Count,
            };
        if (correction.Replacement is null || correction.KeepsTime)
        {
            (row.From, row.To) = (at, at + row.To - row.From);
        }

        row.Resource = correction.KeepsResource ? 0 : row.Resource;
        row.Correction = new(
            correction.Landlord.Value, correction.Corrects, at, correction.Reason,
            correction.Replacement is not null, correction.KeepsTime);
        Next() = row;
    }

    private Row RowOf(Reading reading)
    {
        var row = new Row
        {
            From = Microseconds(reading.From),
            To = Microseconds(reading.To),
            Id = RowId.Of(reading.Id),
            Source = Source(reading.Source, reading.Resource.Landlord),
            Resource = Number(Metering.Names.Resource, reading.Resource.ToString()),
            Project = Number(Metering.Names.Project, reading.Project.Value),
            Type = reading.Type,
        };
        if (reading.Type == ReadingType.Count)
        {
            row.Meter = Number(Metering.Names.Meter, reading.Meter!);
            row.Quantity = Bounds.Plain(reading.Quantity);
        }
        else
        {
            row.State = reading.State;
            row.Shape = Number(Metering.Names.Shape, reading.Shape.ToString());
        }

        return row;
    }

    /// <summary>A new row at the end, empty.</summary>
    public ref Row Next()
    {
        if (Count == _rows.Length)
        {
            var longer = ArrayPool<Row>.Shared.Rent(Count * 2);
            _rows.CopyTo(longer, 0);
            Release();
            _rows = longer;
        }

        return ref _rows[Count++];
    }

    /// <summary>Whose readings these are.</summary>
    public IReadOnlySet<string> Landlords()
    {
        var landlords = new HashSet<string>(StringComparer.Ordinal);
        var last = 0;
        foreach (ref readonly var row in Rows)
        {
            if (row.Source != last)
            {
                last = row.Source;
                landlords.Add(LandlordOf(row));
            }
        }

        return landlords;
    }

    /// <summary>
    /// The readings apart, by what their landlord comes to; the order among those of one stays. These are of no use
    /// after that.
    /// </summary>
    /// <param name="of">Is asked with the landlord, null for what could not be understood so far.</param>
    public Dictionary<TKey, Batch> Split<TKey>(Func<string?, TKey> of)
        where TKey : notnull
    {
        var parts = new Dictionary<TKey, Batch>();
        var (misfit, last, at) = (0, 0, default(Batch));
        for (var row = 0; row <= Count; row++)
        {
            for (; misfit < Misfits.Count && Misfits[misfit].After == row; misfit++)
            {
                var part = Part(Misfits[misfit].Misfit.Landlord?.Value);
                part.Misfits.Add((part.Count, Misfits[misfit].Misfit));
            }

            if (row < Count)
            {
                ref readonly var one = ref Rows[row];
                at = at is not null && one.Source == last ? at : Part(LandlordOf(one));
                last = one.Source;
                at.Next() = one;
            }
        }

        Release();
        return parts;

        Batch Part(string? landlord)
        {
            ref var part = ref CollectionsMarshal.GetValueRefOrAddDefault(
                parts, of(landlord), out _);
            return part ??= new(Names) { Fresh = Fresh };
        }
    }

    private string LandlordOf(in Row row) => row.Correction?.Landlord ?? Encoding.UTF8.GetString(
        row.Resource < 0 ? Fresh![~row.Resource] : Names[row.Resource])[1..].Split('/')[0];

    /// <summary>Gives the room of the rows back; they are not to be read after that.</summary>
    public void Release()
    {
        ArrayPool<Row>.Shared.Return(_rows, clearArray: true);
        _rows = [];
    }

    /// <summary>The number of a name, its kind before it.</summary>
    public int Number(ReadOnlySpan<byte> name) =>
        Names.Find(name) is > 0 and var known ? known : ~(Fresh ??= new()).FindOrAdd(name);

    /// <summary>The number of a source, as its landlord asks for it.</summary>
    public int Source(ReadOnlySpan<byte> asked) =>
        Names.Sources.Find(asked) is > 0 and var known ? known : ~(Fresh ??= new()).FindOrAdd(asked);

    /// <summary>Gives every name its number for ever; the names that are new become known.</summary>
    public void Resolve(Names known)
    {
        var before = Names;
        var moved = !ReferenceEquals(before, known);
        var fresh = Fresh;
        if (moved || fresh is not null)
        {
            foreach (ref var row in Rows)
            {
                row.Source = OfSource(row);
                row.Resource = Of(row.Resource);
                row.Project = Of(row.Project);
                row.Shape = Of(row.Shape);
                row.Meter = Of(row.Meter);
            }
        }

        (Names, Fresh) = (known, null);

        int Of(int number) => number < 0
            ? known.FindOrAdd(fresh![~number])
            : moved && number > 0 ? known.FindOrAdd(before[number]) : number;

        // Whose a plain source is may have been seen otherwise before.
        int OfSource(in Row row) => row.Source < 0
            ? known.Sources.FindOrAdd(fresh![~row.Source])
            : !moved ? row.Source
            : row.Correction is { } correction
                ? known.Sources.FindOrAdd(before[row.Source], Encoding.UTF8.GetBytes($"r{correction.Landlord}/"))
                : known.Sources.FindOrAdd(
                    before[row.Source], row.Resource < 0 ? fresh![~row.Resource] : before[row.Resource]);
    }

    private int Source(string source, LandlordId landlord)
    {
        var most = 2 + Encoding.UTF8.GetMaxByteCount(source.Length + landlord.Value.Length);
        _name = _name.Length >= most ? _name : new byte[most];
        return Source(_name.AsSpan(0, Sources.Write(
            Encoding.UTF8.GetBytes(source), Encoding.UTF8.GetBytes(landlord.Value), _name)));
    }

    private int Number(byte kind, string name)
    {
        var most = 1 + Encoding.UTF8.GetMaxByteCount(name.Length);
        _name = _name.Length >= most ? _name : new byte[most];
        _name[0] = kind;
        return Number(_name.AsSpan(0, 1 + Encoding.UTF8.GetBytes(name, _name.AsSpan(1))));
    }

    private static long Microseconds(Instant instant) => instant.ToUnixTimeTicks() / 10;
}
