using System.Collections.Immutable;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// The fingerprints that no longer fit in memory, in runs. They are used by one writer; runs are merged meanwhile, by
/// this process or another, and what is in memory of those before stays right until their pages are gone.
/// </summary>
/// <param name="before">Runs that were known before something was forgotten; their filters are not read again.</param>
internal sealed class SortedRuns(ImmutableArray<SortedRun> before)
{
    private const int PartOfDerived = -1;
    private const int MaxMerges = 100; // While a page is looked for; more are a page that is not there at all.
    private ImmutableArray<SortedRun> _runs = [];

    public ImmutableArray<SortedRun> All => _runs;

    /// <summary>
    /// The runs that there are, by their blocks and without their filters. The last block of one may be gone: what it
    /// knows is not.
    /// </summary>
    public static async Task<List<SortedRun>> Stored(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select r.number, first, last, level, bits, coalesce(b.hash, n.hash, ''), r.hours
            from metering.key_run r
            left join metering.block b on b.number = last left join metering.block_note n on n.number = last
            order by first
            """;
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var runs = new List<SortedRun>();
        while (await rows.ReadAsync(ct))
        {
            runs.Add(new(
                rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt32(3), rows.GetInt32(4), [],
                rows.GetFieldValue<byte[]>(5))
            { Hours = HourSpans.Read(rows.GetFieldValue<int[]>(6)) });
        }

        return runs;
    }

    /// <summary>Learns which runs there are now; filters are only read of those that are new.</summary>
    public async Task Refresh(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            with r as (
              select r.*, coalesce(b.hash, n.hash, '') as hash -- Its last block may be gone; what it knows is not.
              from metering.key_run r
              left join metering.block b on b.number = r.last left join metering.block_note n on n.number = r.last)
            select r.number, r.first, r.last, r.level, r.bits, f.body, r.hash, r.hours, f.part
            from r
            left join metering.key_filter f on f.run = r.number and not exists (
              select from unnest($1, $2, $3) as known (number, hash, bits)
              where known.number = r.number and known.hash = r.hash and known.bits = r.bits)
            order by r.first, f.part
            """;
        var known = before.Concat(_runs).DistinctBy(run => run.Identity).ToDictionary(run => run.Identity);
        var runs = ImmutableArray.CreateBuilder<SortedRun>();
        var (filters, derived) = (new List<KeyFilter>(), (KeyFilter?)null);
        await using var command = connection.Statement(
            Sql, [
                known.Values.Select(run => run.Number).ToArray(), known.Values.Select(run => run.Hash).ToArray(),
                known.Values.Select(run => run.Bits).ToArray(),
            ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var bits = rows.GetInt32(4);
            var run = new SortedRun(
                rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt32(3), bits, [],
                rows.GetFieldValue<byte[]>(6));
            if (known.TryGetValue(run.Identity, out var old))
            {
                runs.Add(old);
                continue;
            }

            var filter = KeyFilter.Read(rows.IsDBNull(5) ? [] : rows.GetFieldValue<byte[]>(5));
            if (rows.GetInt32(8) == PartOfDerived)
            {
                derived = filter;
                continue;
            }

            filters.Add(filter);
            if (filters.Count == 1 << bits)
            {
                runs.Add(run with
                {
                    Filters = [.. filters],
                    Hours = HourSpans.Read(rows.GetFieldValue<int[]>(7)),
                    Derived = derived,
                });
                derived = null;
                filters.Clear();
            }
        }

        _runs = filters.Count == 0 ? runs.ToImmutable() : throw BytesReader.Damaged();
        before = [];
    }

    /// <summary>Writes what is known of some blocks as a run.</summary>
    public async Task Write(NpgsqlConnection connection, PackedRun run, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.key_run (number, first, last, level, bits, hours) values ($1, $1, $2, 0, 0, $3)
            """;
        var (first, last, hash) = run.Blocks;
        await connection.Execute(Sql, [first, last, run.Hours.Ends], ct);
        await run.All.Write(connection, first, ct);
        if (run.Derived is { } derived)
        {
            await PackedPart.WriteFilter(connection, first, PartOfDerived, derived, ct);
        }

        var known = new SortedRun(first, first, last, 0, 0, [run.All.Filter], hash)
        {
            Hours = run.Hours,
            Derived = run.Derived,
        };
        ImmutableInterlocked.Update(ref _runs, runs => runs.Add(known));
    }

    /// <summary>A run with its filters, as they are stored.</summary>
    /// <exception cref="RefusedException">They are not what was written.</exception>
    public static async Task<SortedRun> WithFilters(
        NpgsqlConnection connection, SortedRun run, CancellationToken ct)
    {
        const string Sql = "select part, body from metering.key_filter where run = $1 order by part";
        await using var command = connection.Statement(Sql, [run.Number]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var (filters, derived) = (new List<KeyFilter>(), (KeyFilter?)null);
        while (await rows.ReadAsync(ct))
        {
            var filter = KeyFilter.Read(rows.GetFieldValue<byte[]>(1));
            if (rows.GetInt32(0) == PartOfDerived)
            {
                derived = filter;
                continue;
            }

            filters.Add(filter);
        }

        return filters.Count == 1 << run.Bits
            ? run with { Filters = [.. filters], Derived = derived }
            : throw BytesReader.Damaged();
    }

    /// <summary>Knows a run instead of those that were merged into it; called by whoever merged them.</summary>
    public void Replace(IReadOnlySet<long> gone, SortedRun merged) =>
        ImmutableInterlocked.Update(ref _runs, runs => runs.Any(run => gone.Contains(run.Number))
            ? [.. runs.Where(run => !gone.Contains(run.Number)).Append(merged).OrderBy(run => run.First)]
            : runs);

    /// <summary>Marks the readings that may be in some run; mostly none.</summary>
    public void Mark(Span<Sought> readings)
    {
        // One filter for all readings, not one reading in all filters: memory is asked for many lines at once.
        foreach (var run in _runs)
        {
            foreach (ref var reading in readings)
            {
                reading.MayBeOld |= run.MayHave(reading.Key.Trace, reading.Hour);
            }
        }
    }

    /// <summary>The blocks in which readings may be that some filter may know.</summary>
    /// <exception cref="InvalidOperationException">A page of a run is missing.</exception>
    public async Task<long[]> Blocks(
        NpgsqlConnection connection, IReadOnlyCollection<(ulong Trace, int Hour)> traces, CancellationToken ct)
    {
        for (var merges = 0; merges < MaxMerges; merges++)
        {
            if (await TryBlocks(connection, traces, ct) is { } blocks)
            {
                return blocks;
            }

            await Refresh(connection, ct);
        }

        throw new InvalidOperationException("A page of the runs of readings is missing. Run replay.");
    }

    /// <summary>
    /// Null if a run was merged meanwhile, so that its pages are gone, or has the name of another: where the database
    /// went back, somebody else may have cut or merged the same blocks in another way since.
    /// </summary>
    private async Task<long[]?> TryBlocks(
        NpgsqlConnection connection, IReadOnlyCollection<(ulong Trace, int Hour)> traces, CancellationToken ct)
    {
        const string Sql = """
            select p.run, p.page, p.body
            from unnest($1, $2, $3, $4) as wanted (run, page, last, bits)
            join metering.key_run r on r.number = wanted.run and r.last = wanted.last and r.bits = wanted.bits
            join metering.key_page p on p.run = wanted.run and p.page = wanted.page
            """;
        var runs = _runs.ToDictionary(run => run.Number);
        var wanted = runs.Values.SelectMany(run => traces.Where(one => run.MayHave(one.Trace, one.Hour))
                .Select(one => (Run: run, one.Trace)))
            .ToLookup(w => (w.Run.Number, SortedRun.Page(w.Trace, w.Run.Bits)), w => w.Trace);
        await using var command = connection.Statement(
            Sql, [
                wanted.Select(w => w.Key.Number).ToArray(), wanted.Select(w => w.Key.Item2).ToArray(),
                wanted.Select(w => runs[w.Key.Number].Last).ToArray(),
                wanted.Select(w => runs[w.Key.Number].Bits).ToArray(),
            ]);
        await command.PrepareAsync(ct); // Once for each connection; to plan it took longer than to run it.
        await using var rows = await command.ExecuteReaderAsync(ct);
        var blocks = new HashSet<long>();
        var found = 0;
        while (await rows.ReadAsync(ct))
        {
            var (run, page) = (runs[rows.GetInt64(0)], rows.GetInt32(1));
            var here = wanted[(run.Number, page)].ToHashSet();
            foreach (var word in SortedRun.Words(rows.GetFieldValue<byte[]>(2)))
            {
                var (trace, block) = SortedRun.Read(page, run.Bits, word);
                if (here.Contains(trace))
                {
                    blocks.Add(run.First + block);
                }
            }

            found++;
        }

        return found == wanted.Count ? [.. blocks.Order()] : null;
    }
}
