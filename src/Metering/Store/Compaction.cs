using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Merges runs of the same level, eight into one, so that there are at most seven of each. In one transaction, beside
/// the writer: a crash leaves those before, and who still looks there finds that they are gone.
/// </summary>
internal sealed class Compaction(NpgsqlDataSource database, int readingsAPart)
{
    public const int RunsAMerge = 8;
    public const long TurnToMerge = 0x4D45524745; // 'MERGE': one at a time, of all processes.
    private int _isMerging;

    /// <summary>Done when no merge is under way.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>Why the last merge here failed; null when it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Begins to merge if there is something to merge and nobody does in this process.</summary>
    public void Begin(SortedRuns runs)
    {
        if (Choose(runs.All).Count > 0 && Interlocked.CompareExchange(ref _isMerging, 1, 0) == 0)
        {
            Done = Task.Run(() => MergeAll(runs));
        }
    }

    /// <summary>The oldest neighbours of one level that can become one; a run counts its blocks in 24 bits.</summary>
    public static IReadOnlyList<SortedRun> Choose(IReadOnlyList<SortedRun> runs)
    {
        for (var first = 0; first + RunsAMerge <= runs.Count; first++)
        {
            var last = first + RunsAMerge - 1;
            if (runs.Skip(first).Take(RunsAMerge).All(run => run.Level == runs[first].Level) &&
                runs[last].Last - runs[first].First < SortedRun.MaxBlocks)
            {
                return [.. runs.Skip(first).Take(RunsAMerge)];
            }
        }

        return [];
    }

    private async Task MergeAll(SortedRuns runs)
    {
        try
        {
            while (await Merge(runs, CancellationToken.None))
            {
            }

            Failure = null;
        }
#pragma warning disable CA1031 // Runs that are not merged are right, only more to ask; the next that is written tries.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = e.Message.ReplaceLineEndings(" ");
        }
        finally
        {
            Volatile.Write(ref _isMerging, 0);
        }
    }

    /// <summary>Merges once; no if there is nothing to merge, or another process does.</summary>
    public async Task<bool> Merge(SortedRuns known, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var turn = connection.Statement("select pg_try_advisory_xact_lock($1)", [TurnToMerge]))
        {
            if (await turn.ExecuteScalarAsync(ct) is not true)
            {
                return false;
            }
        }

        var runs = Choose(await SortedRuns.Stored(connection, ct));
        if (runs.Count == 0)
        {
            return false;
        }

        var merged = await Write(connection, await WithFilters(connection, runs, known, ct), ct);
        var gone = runs.Select(run => run.Number).ToHashSet();
        await connection.Execute("delete from metering.key_run where number = any($1)", [gone.ToArray()], ct);
        await transaction.CommitAsync(ct);
        known.Replace(gone, merged);
        return true;
    }

    /// <summary>Runs with readings that are named after their time, with the filters that do not know those.</summary>
    private static async Task<IReadOnlyList<SortedRun>> WithFilters(
        NpgsqlConnection connection, IReadOnlyList<SortedRun> runs, SortedRuns known, CancellationToken ct)
    {
        var all = new List<SortedRun>();
        foreach (var run in runs)
        {
            all.Add(run.Hours.IsEmpty ? run
                : known.All.FirstOrDefault(one => one.Identity == run.Identity)
                    ?? await SortedRuns.WithFilters(connection, run, ct));
        }

        return all;
    }

    private async Task<SortedRun> Write(NpgsqlConnection connection, IReadOnlyList<SortedRun> runs,
        CancellationToken ct)
    {
        const string Sql = """
            insert into metering.key_run (number, first, last, level, bits, hours) values ($1, $2, $3, $4, $5, $6)
            """;
        var (first, last, level) = (runs[0].First, runs[^1].Last, runs[0].Level + 1);
        var number = -((first << 8) + level); // No other run has the same two.
        var bits = SortedRun.BitsFor(await MaxReadings(connection, runs, 0, 0, ct), readingsAPart);
        var hours = HourSpans.Union(runs.Select(run => run.Hours));
        await connection.Execute(Sql, [number, first, last, level, bits, hours.Ends], ct);
        var filters = new KeyFilter[1 << bits];
        for (var part = 0; part < filters.Length; part++)
        {
            var readings = await Part(connection, runs, part, bits, ct);
            var packed = readings.Packed();
            await packed.Write(connection, number, ct);
            filters[part] = packed.Filter;
        }

        return new(number, first, last, level, bits, filters, runs[^1].Hash) { Hours = hours };
    }

    /// <summary>What all of the runs know of a part.</summary>
    private static async Task<KeyPart> Part(
        NpgsqlConnection connection, IReadOnlyList<SortedRun> runs, int part, int bits, CancellationToken ct)
    {
        const string Sql = """
            select p.run, p.page, p.body
            from unnest($1, $2, $3) as wanted (run, first, last)
            join metering.key_page p on p.run = wanted.run and p.page between wanted.first and wanted.last
            """;
        var (known, first) = (runs.ToDictionary(run => run.Number), runs[0].First);
        var into = new KeyPart(part, bits, (int)await MaxReadings(connection, runs, part, bits, ct));
        await using var command = connection.Statement(Sql, Pages(runs, part, bits));
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var (run, page) = (known[rows.GetInt64(0)], rows.GetInt32(1));
            foreach (var word in SortedRun.Words(rows.GetFieldValue<byte[]>(2)))
            {
                var (trace, block) = SortedRun.Read(page, run.Bits, word);
                if (SortedRun.Page(trace, bits) / SortedRun.PagesAPart == part)
                {
                    // One in 65,536 of those that are named after their time is taken for another: it does no harm.
                    into.Add(trace, block + run.First - first, run.Hours.IsEmpty || run.IsFiltered(trace));
                }
            }
        }

        return into;
    }

    /// <summary>How many readings are in the pages of a part.</summary>
    private static async Task<long> MaxReadings(
        NpgsqlConnection connection, IReadOnlyList<SortedRun> runs, int part, int bits, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(sum(octet_length(p.body)) / 8, 0), count(*)
            from unnest($1, $2, $3) as wanted (run, first, last)
            join metering.key_page p on p.run = wanted.run and p.page between wanted.first and wanted.last
            """;
        var pages = Pages(runs, part, bits);
        await using var command = connection.Statement(Sql, pages);
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        var expected = ((int[])pages[1]).Zip((int[])pages[2], (first, last) => last - first + 1L).Sum();
        return rows.GetInt64(1) == expected ? rows.GetInt64(0) : throw BytesReader.Damaged();
    }

    /// <summary>The pages in which runs may have readings of a part: their numbers, the first and the last.</summary>
    private static object[] Pages(IReadOnlyList<SortedRun> runs, int part, int bits) =>
    [
        runs.Select(run => run.Number).ToArray(),
        runs.Select(run => (int)((long)part * run.Pages >> bits)).ToArray(),
        runs.Select(run => (int)((((part + 1L) * run.Pages) - 1) >> bits)).ToArray(),
    ];
}
