using System.Data;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Walks the chain of blocks, makes again what was made from them, and says what differs.</summary>
/// <param name="hasJournal">Whether the journal, which decides about quarantine, is in the same database.</param>
internal sealed partial class MeterCheck(NpgsqlDataSource database, bool hasJournal = true)
{
    private readonly Names _names = new();
    private readonly SortedDictionary<int, Page> _pages = [];
    private readonly List<Refusal> _found = [];
    private Row[] _room = [];
    private readonly HashSet<int> _pagesOf = [];
    private CorrectionCheck? _corrections;

    public async Task<IReadOnlyList<Refusal>> Run(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        if (await Ends(connection, ct) is not var (head, folded))
        {
            return _found;
        }

        var keys = await KeyCheck.Begin(connection, new(head.Secret), head.Flushed, ct);
        if (await FirstBroken(connection, head, folded, keys, ct) is { } broken)
        {
            return [broken, .. (await BrokenBlocks.After(connection, broken.Where!, head.Number, ct)).Select(Broken)];
        }

        (await BlockNote.Differing(connection, ct)).ForEach(block => IndexDiffers($"the note of block {block}"));
        await foreach (var block in keys.Differing(connection, ct))
        {
            IndexDiffers($"the run of block {block}");
        }

        await foreach (var place in keys.Doubles.Found(connection, _names, ct))
        {
            _found.Add(new(
                "meter/counted-twice",
                "One reading is stored twice and may count twice, as when a database went back under an older " +
                "version. Retract one of them with a correction.", place));
        }

        foreach (var place in await _corrections!.Finish(connection, row => PageOf(row).Add(row), ct))
        {
            IndexDiffers(place);
        }

        await ComparePages(connection, ct);
        await ComparePlaces(connection, ct);
        if (hasJournal)
        {
            _found.AddRange((await QuarantineTable.Differing(connection, ct)).Select(Meter.DecisionDiffers));
        }

        return _found;
    }

    /// <summary>Where the blocks end, and what was made of them; null, and told, where that is not there.</summary>
    private async Task<(Head Head, long Folded)?> Ends(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            var head = await Head.Read(connection, ct);
            if (await Rows(connection, "select number from metering.folded", r => r.GetInt64(0), ct) is [var folded])
            {
                return (head, folded);
            }

            FoldDiffers("metering.folded");
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            _found.Add(e.Refusal);
        }

        return null;
    }

    private async Task ComparePages(NpgsqlConnection connection, CancellationToken ct)
    {
        var stored = (await Rows(connection, "select number from metering.page", r => r.GetInt32(0), ct)).ToHashSet();
        foreach (var number in stored.Where(n => !_pages.ContainsKey(n)).ToList())
        {
            if (!_corrections!.HasAny)
            {
                FoldDiffers($"page {number}");
                continue;
            }

            _pages[number] = new(); // All that was in it may have been taken back.
        }

        foreach (var (number, expected) in _pages)
        {
            var kept = stored.Contains(number)
                ? (await Rows(connection, "select body from metering.page where number = $1",
                    r => r.GetFieldValue<byte[]>(0), ct, number)).Single()
                : new Page().Pack();
            if (FirstDifference(expected, kept) is { } place)
            {
                FoldDiffers(place < 0 ? $"page {number}" : Readings.Text(_names, (number * Page.Resources) + place));
            }
        }
    }

    /// <summary>Nothing counted is as if none were: a correction may leave it so.</summary>
    private static Dictionary<PageTotal, decimal> Counted(Page page) =>
        page.Totals.Where(total => total.Value != 0).ToDictionary();

    private int? FirstDifference(Page expected, byte[] body)
    {
        try
        {
            var page = Page.Unpack(body);
            for (var place = 0; place < Page.Resources; place++)
            {
                if (!Stretches(expected, place).SequenceEqual(Stretches(page, place)))
                {
                    return place;
                }
            }

            var (wanted, kept) = (Counted(expected), Counted(page));
            return wanted.Except(kept).Concat(kept.Except(wanted)).Select(t => (int?)t.Key.Place).FirstOrDefault();
        }
        catch (Exception e) when (Unreadable.Is(e) || e is ArgumentException)
        {
            return -1;
        }
    }

    private List<ClaimFold.Stretch> Stretches(Page page, int place)
    {
        var stretches = new List<ClaimFold.Stretch>();
        if (page[place] is { Count: > 0 } runs)
        {
            ClaimFold.Of(runs, [.. page.Contents.Select(c => new Content(
                c.Type, c.State, Readings.Text(_names, c.Project), Readings.Text(_names, c.Shape)))], stretches);
        }

        // An interval and a sample that say the same come to the same.
        return stretches.ConvertAll(s => s with { Content = s.Content with { Type = default } });
    }

    private async Task ComparePlaces(NpgsqlConnection connection, CancellationToken ct)
    {
        var kept = (await Rows(
            connection, "select kind::text, name, unnest(pages) from metering.place",
            r => (r.GetString(0), r.GetString(1), r.GetInt32(2)), ct)).ToHashSet();
        var expected = new HashSet<(string, string, int)>();
        foreach (var (number, page) in _pages)
        {
            expected.UnionWith(page.Contents.Select(c => c.Project).Concat(page.Totals.Keys.Select(t => t.Project))
                .Distinct().Select(p => ("p", Readings.Text(_names, p), number)));
            foreach (var place in Enumerable.Range(0, Page.Resources)
                .Where(p => page[p].Count > 0 || page.Totals.Keys.Any(t => t.Place == p)))
            {
                var parts = Readings.Text(_names, (number * Page.Resources) + place).Split('/', 3);
                expected.Add(("l", parts[0], number));
                expected.Add(("c", parts[1], number));
            }
        }

        // Where something was corrected, a page may be found under what it held before, too.
        if (_corrections!.HasAny ? !expected.IsSubsetOf(kept) : !expected.SetEquals(kept))
        {
            IndexDiffers("metering.place");
        }
    }

    private static Refusal Broken(string place) => new(
        "meter/chain-broken", "It is not what was written, or a block is missing. Restore a backup.", place);

    private void FoldDiffers(string place) => _found.Add(new(
        "meter/fold-differs", "What is kept is not what its readings come to. Run replay.", place));

    private void IndexDiffers(string place) => _found.Add(new(
        "meter/index-differs", "It tells other readings than the blocks hold. Run replay.", place));

    private static async Task<List<T>> Rows<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct,
        params object[] values)
    {
        await using var command = connection.Statement(sql, values);
        await using var rows = await command.ExecuteReaderAsync(ct);
        List<T> found = [];
        for (; await rows.ReadAsync(ct); found.Add(read(rows)))
        {
        }

        return found;
    }
}
