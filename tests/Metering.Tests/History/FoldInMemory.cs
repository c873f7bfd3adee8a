using NodaTime;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// A meter whose tables are lists: blocks are packed, linked and unpacked, pages are packed after each step, and what is
/// corrected is brought in as the fold of the product does it.
/// </summary>
internal sealed class FoldInMemory(byte[] secret)
{
    /// <summary>What a dump of the database holds.</summary>
    internal sealed record Kept(
        int Blocks, int Folded, Dictionary<int, byte[]> Pages, Dictionary<Fingerprint.Key, FoldRow?> Corrected);

    private readonly Fingerprint _fingerprint = new(secret);
    private readonly List<Block> _blocks = [];
    private readonly BytesWriter _writer = new();
    private Names _names = new();
    private Dictionary<Fingerprint.Key, ulong> _known = [];
    private CorrectionTree? _tree;
    private int _namesStored;
    private Dictionary<int, byte[]> _pages = [];
    private Dictionary<Fingerprint.Key, FoldRow?> _corrected = [];
    private int _folded;

    /// <summary>Takes a batch, cut into blocks of so many readings at most, and says what became of each.</summary>
    public List<ItemFate> Take(IReadOnlyList<Collected> readings, int most)
    {
        var batch = new Batch(_names);
        foreach (var one in readings)
        {
            batch.Add(one, DrawnHistory.June.Period.End);
        }

        batch.Resolve(_names);
        var (fates, fresh) = (new List<ItemFate>(), new List<Row>());
        foreach (ref readonly var row in batch.Rows)
        {
            var sought = Sought.Of(row, _fingerprint);
            var isFresh = _known.TryAdd(sought.Key, sought.Content);
            fates.Add(isFresh ? ItemFate.Accepted
                : _known[sought.Key] == sought.Content ? ItemFate.Duplicate : ItemFate.Quarantined);
            if (isFresh)
            {
                fresh.Add(row);
            }
        }

        foreach (var part in fresh.Chunk(most))
        {
            _blocks.Add(Block.Pack(_blocks.Count + 1, part, _names, _namesStored, _writer));
            _namesStored = _names.Count;
        }

        return fates;
    }

    /// <summary>Folds so many blocks more.</summary>
    public void Step(int count)
    {
        var blocks = _blocks.Skip(_folded).Take(count).ToList();
        if (blocks.Count == 0)
        {
            return;
        }

        _tree ??= Tree();
        var unpacked = UnpackedBlocks.Of(blocks, _tree);
        var pages = _pages.ToDictionary(one => one.Key, one => Page.Unpack(one.Value));
        foreach (var row in unpacked.Rows.Where(row => row.Resource > 0))
        {
            PageOf(pages, row).Add(row);
        }

        Correct(pages, unpacked, _tree);
        _pages = pages.ToDictionary(one => one.Key, one => one.Value.Pack());
        _folded += blocks.Count;
    }

    /// <summary>A process that dies before its step is kept: nothing of it is there, and another has read nothing.</summary>
    public void StepAndDie(int count)
    {
        var (pages, corrected, folded) = (_pages, _corrected, _folded);
        _corrected = new(_corrected);
        Step(count);
        (_pages, _corrected, _folded) = (pages, corrected, folded);
        Restart();
    }

    /// <summary>Another process: what is known is read from the blocks.</summary>
    public void Restart()
    {
        (_names, _known, _tree) = (new(), [], null);
        foreach (var block in _blocks)
        {
            block.AddNames(_names);
        }

        foreach (var (_, row) in Rows(_blocks.Count))
        {
            _names.Sources.Learn(row);
            _known.Add(_fingerprint.Of(row), _fingerprint.ContentOf(row));
        }

        _namesStored = _names.Count;
    }

    public void Rebuild()
    {
        (_pages, _corrected, _folded, _tree) = ([], [], 0, null);
        Restart();
    }

    public Kept Keep() => new(_blocks.Count, _folded, _pages, new(_corrected));

    public void Restore(Kept kept)
    {
        _blocks.RemoveRange(kept.Blocks, _blocks.Count - kept.Blocks);
        (_folded, _pages, _corrected) = (kept.Folded, kept.Pages, new(kept.Corrected));
        Restart();
    }

    /// <summary>Segments and counts as the reference writes them; folds first.</summary>
    public string Told(Instant until)
    {
        Step(int.MaxValue);
        var (segments, totals, stretches) = (new List<Segment>(), new List<DailyTotal>(), new List<ClaimFold.Stretch>());
        foreach (var (number, body) in _pages)
        {
            var page = Page.Unpack(body);
            List<Content> contents = [.. page.Contents.Select(c => new Content(
                c.Type, c.State, Readings.Text(_names, c.Project), Readings.Text(_names, c.Shape)))];
            foreach (var place in Enumerable.Range(0, Page.Resources).Where(place => page[place].Count > 0))
            {
                stretches.Clear();
                ClaimFold.Of(page[place], contents, stretches);
                segments.AddRange(stretches.Select(one => new Segment(
                    ResourceOf((number * Page.Resources) + place), new(one.Content.Project),
                    new(Readings.At(one.From), one.To == long.MaxValue ? until : Readings.At(one.To)), one.Content.State,
                    Shape.Parse(one.Content.Shape))));
            }

            totals.AddRange(page.Totals.Select(one => new DailyTotal(
                ResourceOf((number * Page.Resources) + one.Key.Place), new(Readings.Text(_names, one.Key.Project)),
                Readings.Text(_names, one.Key.Meter), one.Key.Date, one.Value)));
        }

        return HistoryReference.Text(segments, totals);
    }

    private ResourceId ResourceOf(int number) => ResourceId.Parse(Readings.Text(_names, number));

    private CorrectionTree Tree()
    {
        var tree = new CorrectionTree(_fingerprint);
        foreach (var (block, row) in Rows(_folded).Where(one => one.Row.Correction is not null))
        {
            tree.Add(block, row);
        }

        return tree;
    }

    private List<(long Block, Row Row)> Rows(int blocks)
    {
        var (rows, room) = (new List<(long, Row)>(), Array.Empty<Row>());
        foreach (var block in _blocks.Take(blocks))
        {
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                rows.Add((block.Number, row));
            }
        }

        return rows;
    }

    private static Page PageOf(Dictionary<int, Page> pages, in FoldRow row) =>
        pages.TryGetValue(Page.Of(row.Resource), out var page) ? page : pages[Page.Of(row.Resource)] = new();

    /// <summary>As Correcting does it: claims at the starts that are touched are found anew, counts are subtracted.</summary>
    private void Correct(Dictionary<int, Page> pages, UnpackedBlocks unpacked, CorrectionTree tree)
    {
        var (gone, now) = (new List<FoldRow>(), new List<FoldRow>());
        foreach (var (_, key, row) in unpacked.Aside)
        {
            Note(key, row, null);
        }

        var done = unpacked.Aside.Select(one => one.Key).ToHashSet();
        var roots = tree.Roots(unpacked.Fresh);
        roots.ExceptWith(done);
        foreach (var (_, row) in Rows(_folded).Where(one => one.Row.Correction is null))
        {
            if (_fingerprint.Of(row) is var key && roots.Contains(key))
            {
                Note(key, row, _corrected.TryGetValue(key, out var was) ? was : FoldRow.Of(row));
            }
        }

        gone.Where(row => row.Meter != 0).ToList().ForEach(row => PageOf(pages, row).Subtract(row));
        now.Where(row => row.Meter != 0).ToList().ForEach(row => PageOf(pages, row).Add(row));
        var starts = gone.Concat(now).Where(row => row.Meter == 0).Select(row => (row.Resource, row.From)).ToHashSet();
        foreach (var page in starts.GroupBy(start => Page.Of(start.Resource)))
        {
            PageOf(pages, new FoldRow { Resource = page.First().Resource }).Clear(page);
        }

        var claims = Rows(_folded + unpacked.Pages.Length).Where(one => one.Row.Correction is null)
            .Where(one => !_corrected.ContainsKey(_fingerprint.Of(one.Row))).Select(one => FoldRow.Of(one.Row))
            .Concat(_corrected.Values.OfType<FoldRow>());
        foreach (var claim in claims.Where(row => row.Meter == 0 && starts.Contains((row.Resource, row.From))).ToList())
        {
            PageOf(pages, claim).Add(claim);
        }

        void Note(Fingerprint.Key key, in Row row, FoldRow? was)
        {
            _corrected[key] = CorrectionTree.Apply(tree.Of(key), row);
            gone.AddRange(was is { } before ? [before] : []);
            now.AddRange(_corrected[key] is { } after ? [after] : []);
        }
    }
}
