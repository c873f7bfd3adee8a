using NodaTime;

namespace Exchange.Metering;

/// <summary>What the readings of 256 resources come to: claims in runs, and what was counted on each day.</summary>
internal sealed class Page
{
    public const int Resources = 256;
    private const byte Version = 1;
    private const long MicrosecondsADay = 86_400_000_000;

    private readonly List<Run>?[] _runs = new List<Run>?[Resources];
    private readonly List<PageContent> _contents = [];
    private readonly Dictionary<PageContent, int> _places = [];
    private readonly SortedDictionary<PageTotal, decimal> _totals = [];

    public IReadOnlyList<PageContent> Contents => _contents;
    public IReadOnlyDictionary<PageTotal, decimal> Totals => _totals;

    /// <summary>The claims on the resource in this place; none if it has none.</summary>
    public List<Run> this[int place] => _runs[place] ?? [];

    public static int Of(int resource) => resource / Resources;

    public void Add(in FoldRow row)
    {
        var place = row.Resource % Resources;
        if (row.Meter != 0)
        {
            var total = TotalOf(row);
            _totals[total] = _totals.GetValueOrDefault(total) + row.Quantity;
            return;
        }

        var content = new PageContent(row.Type, row.State, row.Project, row.Shape);
        Runs.Add(
            _runs[place] ??= [], row.From, row.To - row.From, PlaceOf(content), row.Type == ReadingType.State);
    }

    /// <summary>Takes out what was counted; where nothing is left, nothing was counted.</summary>
    public void Subtract(in FoldRow row)
    {
        var total = TotalOf(row);
        var left = _totals.GetValueOrDefault(total) - row.Quantity;
        if (left == 0)
        {
            _totals.Remove(total);
            return;
        }

        _totals[total] = left;
    }

    /// <summary>Takes out every claim of these resources, by their numbers, from these starts on.</summary>
    public void Clear(IEnumerable<(int Resource, long From)> starts)
    {
        foreach (var (resource, from) in starts)
        {
            if (_runs[resource % Resources] is { } runs)
            {
                Runs.Clear(runs, from, run => _contents[run.Content].Type == ReadingType.State);
            }
        }
    }

    private static PageTotal TotalOf(in FoldRow row) => new(
        row.Resource % Resources, row.Project, row.Meter, (int)Math.DivRem(row.From, MicrosecondsADay).Quotient);

    public byte[] Pack()
    {
        var writer = new BytesWriter();
        writer.Byte(Version);
        writer.Number((ulong)_contents.Count);
        foreach (var content in _contents)
        {
            writer.Byte((byte)((int)content.Type | ((int)content.State << 2)));
            writer.Number((ulong)content.Project);
            writer.Number((ulong)content.Shape);
        }

        long last = 0;
        foreach (var runs in _runs)
        {
            writer.Number((ulong)(runs?.Count ?? 0));
            foreach (var run in runs ?? [])
            {
                writer.Number((ulong)run.Content);
                writer.Signed(run.From - last);
                writer.Signed(run.Step);
                writer.Number((ulong)run.Count);
                last = run.From;
            }
        }

        writer.Number((ulong)_totals.Count);
        foreach (var (total, quantity) in _totals)
        {
            writer.Number((ulong)total.Place);
            writer.Number((ulong)total.Project);
            writer.Number((ulong)total.Meter);
            writer.Signed(total.Day);
            writer.Decimal(Bounds.Plain(quantity));
        }

        return writer.Packed(1);
    }

    /// <exception cref="RefusedException">The page is damaged.</exception>
    public static Page Unpack(byte[] body)
    {
        try
        {
            return UnpackContents(body);
        }
        catch (OverflowException)
        {
            throw BytesReader.Damaged();
        }
    }

    private static Page UnpackContents(byte[] body)
    {
        var reader = new BytesReader(BytesReader.Unpacked(body));
        if (reader.Byte() != Version)
        {
            throw Unreadable.At(null, "A newer version of the product wrote a page.");
        }

        var page = new Page();
        for (var left = reader.Count(3); left > 0; left--)
        {
            var flags = reader.Byte();
            page.PlaceOf(new((ReadingType)(flags & 3), (ResourceState)(flags >> 2), reader.Int(), reader.Int()));
        }

        long last = 0;
        for (var place = 0; place < Resources; place++)
        {
            var count = reader.Count(4);
            for (var left = count; left > 0; left--)
            {
                var content = reader.Int();
                last += reader.Signed();
                (page._runs[place] ??= new(count + 1)).Add(new(last, reader.Signed(), reader.Int(), content));
            }
        }

        for (var left = reader.Count(7); left > 0; left--)
        {
            page._totals[new(reader.Int(), reader.Int(), reader.Int(), (int)reader.Signed())] = reader.Decimal();
        }

        return reader.AtEnd ? page : throw BytesReader.Damaged();
    }

    private int PlaceOf(PageContent content)
    {
        if (!_places.TryGetValue(content, out var place))
        {
            _places[content] = place = _contents.Count;
            _contents.Add(content);
        }

        return place;
    }
}

/// <summary>What of a reading the fold needs.</summary>
internal readonly record struct FoldRow(
    long From, long To, int Resource, int Project, int Shape, int Meter, ReadingType Type, ResourceState State,
    decimal Quantity)
{
    /// <summary>A row that says what this does, under the id of another.</summary>
    public Row In(in Row row) => row with
    {
        From = From,
        To = To,
        Resource = Resource,
        Project = Project,
        Shape = Shape,
        Meter = Meter,
        Type = Type,
        State = State,
        Quantity = Quantity,
    };

    public static FoldRow Of(in Row row) => new(
        row.From, row.To, row.Resource, row.Project, row.Shape, row.Meter, row.Type, row.State, row.Quantity);
}

/// <summary>What a claim says, its names by number.</summary>
internal readonly record struct PageContent(ReadingType Type, ResourceState State, int Project, int Shape);

/// <summary>What is counted apart: a meter of a resource for a project on a day since 1970.</summary>
internal readonly record struct PageTotal(int Place, int Project, int Meter, int Day) : IComparable<PageTotal>
{
    public LocalDate Date => new LocalDate(1970, 1, 1).PlusDays(Day);

    public int CompareTo(PageTotal other) =>
        (Place, Project, Meter, Day).CompareTo((other.Place, other.Project, other.Meter, other.Day));
}
