using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Brings corrected readings into the pages. Pages hold what readings claim without saying which did, so that what a
/// reading claimed at a start is taken out by finding out anew what all others claim there; what was counted is
/// subtracted.
/// </summary>
internal sealed class Correcting(
    NpgsqlConnection connection, Intake intake, CorrectionTree tree, (long Folded, long UpTo) step)
{
    private readonly List<CorrectedReading> _now = [];
    private readonly List<FoldRow> _gone = [];

    /// <summary>Corrects the readings of this step that some correction waits for, and those that new ones correct.
    /// </summary>
    /// <param name="aside">Readings of this step that are corrected, and were kept out of the pages.</param>
    /// <param name="fresh">The corrections of this step.</param>
    public async Task Run(
        IReadOnlyList<(long Block, Fingerprint.Key Key, Row Row)> aside, IReadOnlyList<CorrectionTree.Node> fresh,
        Names names, PageIndex places, CancellationToken ct)
    {
        foreach (var (block, key, row) in aside)
        {
            Note(block, key, row, null);
        }

        await CorrectOld(aside.Select(one => one.Key).ToHashSet(), fresh, ct);
        await CorrectedReadings.Write(connection, _now, ct);
        var touched = _gone.Concat(_now.Where(one => one.Now is not null).Select(one => one.Now!.Value)).ToList();
        foreach (var page in touched.GroupBy(row => Page.Of(row.Resource)).OrderBy(page => page.Key))
        {
            await Correct(page.Key, [.. page.Distinct()], names, places, ct);
        }
    }

    /// <summary>Those that were folded before this step.</summary>
    private async Task CorrectOld(
        HashSet<Fingerprint.Key> done, IReadOnlyList<CorrectionTree.Node> fresh, CancellationToken ct)
    {
        var roots = tree.Roots(fresh);
        roots.ExceptWith(done);
        if (roots.Count == 0)
        {
            return;
        }

        var before = (await CorrectedReadings.Of(connection, roots, ct)).ToDictionary(one => one.Reading);
        foreach (var (key, (block, row)) in await intake.Locate(roots, ct))
        {
            if (block <= step.Folded)
            {
                Note(block, key, row, before.TryGetValue(key, out var known) ? known.Now : FoldRow.Of(row));
            }
        }
    }

    /// <param name="was">What the pages have of it.</param>
    private void Note(long block, Fingerprint.Key key, in Row row, FoldRow? was)
    {
        var effect = tree.Of(key);
        var now = CorrectionTree.Apply(effect, row);
        _now.Add(new(key, block, effect.By?.Block, effect.By?.Key, now));
        if (was is { } gone)
        {
            _gone.Add(gone);
        }
    }

    private async Task Correct(int number, List<FoldRow> touched, Names names, PageIndex places, CancellationToken ct)
    {
        await using var command = connection.Statement("select body from metering.page where number = $1", [number]);
        var page = await command.ExecuteScalarAsync(ct) is byte[] body ? Page.Unpack(body) : new();
        var added = _now.Where(one => one.Now is { } now && Page.Of(now.Resource) == number)
            .Select(one => one.Now!.Value).ToArray();
        var found = PageIndex.Of(page, added, names);
        foreach (var row in _gone.Where(row => row.Meter != 0 && Page.Of(row.Resource) == number))
        {
            page.Subtract(row);
        }

        foreach (var row in added.Where(row => row.Meter != 0))
        {
            page.Add(row);
        }

        var starts = touched.Where(row => row.Meter == 0).Select(row => (row.Resource, row.From)).ToHashSet();
        if (starts.Count > 0)
        {
            var claims = await Claims(number, starts, ct);
            page.Clear(starts);
            foreach (var claim in claims)
            {
                page.Add(claim);
            }
        }

        const string Write = """
            insert into metering.page (number, body) values ($1, $2)
            on conflict (number) do update set body = excluded.body
            """;
        await connection.Execute(Write, [number, page.Pack()], ct);
        places.Add(number, found);
    }

    /// <summary>What is claimed of these resources from these starts on, by all readings as they are now.</summary>
    private async Task<List<FoldRow>> Claims(
        int page, HashSet<(int Resource, long From)> starts, CancellationToken ct)
    {
        var fingerprint = new Fingerprint((await Head.Read(connection, ct)).Secret);
        var candidates = new List<(Fingerprint.Key Key, FoldRow Row)>();
        Row[] room = [];
        await foreach (var block in WholeBlocks.Read(connection, await BlocksOf(page, starts, ct), ct))
        {
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                if (row.Correction is null && row.Meter == 0 && starts.Contains((row.Resource, row.From)))
                {
                    candidates.Add((fingerprint.Of(row), FoldRow.Of(row)));
                }
            }
        }

        var corrected = (await CorrectedReadings.Of(connection, candidates.Select(one => one.Key), ct))
            .Select(one => one.Reading).ToHashSet();
        return
        [
            .. candidates.Where(one => !corrected.Contains(one.Key)).Select(one => one.Row),
            .. (await CorrectedReadings.At(connection, starts, ct)).Select(one => one.Now!.Value)
                .Where(row => row.Meter == 0),
        ];
    }

    /// <summary>The blocks in which something may be claimed from these starts on; none of them is gone.</summary>
    private async Task<long[]> BlocksOf(int page, HashSet<(int Resource, long From)> starts, CancellationToken ct)
    {
        const string Sql = """
            select array_agg(b.number order by b.number)
            from metering.block_pages join metering.block b using (number)
            where pages @> array[$1] and b.number <= $2
              and int8range(from_us, nullif(to_us, 9223372036854775807) + 1) && int8range($3, $4 + 1)
            """;
        const string Missing = """
            select min(number)
            from metering.block_pages p
            where pages @> array[$1] and number <= $2
              and not exists (select from metering.block where number = p.number)
            """;
        await Unreadable.RefuseMissing(connection, Missing, [page, step.UpTo], ct);
        await using var command = connection.Statement(
            Sql, [page, step.UpTo, starts.Min(start => start.From), starts.Max(start => start.From)]);
        return await command.ExecuteScalarAsync(ct) as long[] ?? [];
    }
}
