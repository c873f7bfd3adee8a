namespace Exchange.Metering;

/// <summary>
/// Reads of a block's columns only the rows of one resource, and says which of its UUIDs are theirs. Where few of some
/// thousand readings are asked for, most of a block need not become rows, nor its UUIDs be read.
/// </summary>
internal sealed class BlockScan
{
    private const int IsText = 1 << 5;
    private const int IsCount = 1 << 6;
    private const int IsCorrection = 1 << 7;
    private readonly List<int> _places = [];
    private Row[] _rows = [];

    /// <summary>The rows found, and of each at which place its UUID is; below zero where it has a text.</summary>
    public List<(Row Row, int Uuid)> Found { get; } = [];

    /// <summary>Finds the rows of a resource among so many.</summary>
    /// <exception cref="RefusedException">The block is damaged.</exception>
    public void Read(long number, int readings, byte[] body, int resource)
    {
        try
        {
            Scan(number, readings, body, resource);
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            throw Unreadable.In(e, $"block {number}");
        }
    }

    private void Scan(long number, int readings, byte[] body, int resource)
    {
        Found.Clear();
        _places.Clear();
        var reader = new BytesReader(BytesReader.Unpacked(body));
        Block.CheckVersion(number, reader.Byte());
        var flags = reader.Take(readings);
        var sources = reader;
        reader.SkipNumbers(readings);
        long last = 0;
        for (var i = 0; i < readings; i++)
        {
            if ((last += reader.Signed()) == resource)
            {
                _places.Add(i);
            }
        }

        if (_places.Count == 0)
        {
            return;
        }

        _rows = new Row[_places.Count];
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i].Resource = resource;
            _rows[i].Type = (ReadingType)(flags[_places[i]] & 3);
            _rows[i].State = (ResourceState)((flags[_places[i]] >> 2) & 7);
        }

        Column(ref sources, readings, static (ref Row row, long value) => row.Source = (int)value);
        Column(ref reader, readings, static (ref Row row, long value) => row.Project = (int)value);
        Column(ref reader, readings, static (ref Row row, long value) => row.Shape = (int)value);
        Column(ref reader, readings, static (ref Row row, long value) => row.From = value);
        Column(ref reader, readings, static (ref Row row, long value) => row.To = row.From + value);
        Rest(ref reader, flags);
    }

    private void Column(ref BytesReader reader, int readings, Set set)
    {
        var (last, next) = (0L, 0);
        for (var i = 0; i <= _places[^1]; i++)
        {
            last += reader.Signed();
            if (_places[next] == i)
            {
                set(ref _rows[next++], last);
            }
        }

        reader.SkipNumbers(readings - 1 - _places[^1]);
    }

    /// <summary>What only some rows have: quantities, and ids that are text.</summary>
    private void Rest(ref BytesReader reader, ReadOnlySpan<byte> flags)
    {
        var (next, uuids) = (0, 0);
        for (var i = 0; next < _places.Count; i++)
        {
            var row = new Row();
            if ((flags[i] & IsCount) != 0)
            {
                row.Meter = reader.Int();
                row.Quantity = reader.Decimal();
            }

            var isText = (flags[i] & IsText) != 0;
            var text = isText ? reader.Text() : default;
            row.Correction = (flags[i] & IsCorrection) != 0 ? StoredCorrection.Read(ref reader) : null;
            if (_places[next] == i)
            {
                ref var found = ref _rows[next++];
                (found.Meter, found.Quantity, found.Correction) = (row.Meter, row.Quantity, row.Correction);
                found.Id = isText ? new(0, 0, text.ToArray()) : default;
                Found.Add((found, isText ? -1 : uuids));
            }

            uuids += isText ? 0 : 1;
        }
    }

    /// <summary>Takes a value of a column into a row.</summary>
    private delegate void Set(ref Row row, long value);
}
