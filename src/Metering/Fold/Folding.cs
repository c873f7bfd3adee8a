using System.Text;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Brings the pages up to what is in the blocks: some blocks a transaction, which also notes how far it came, so that a
/// crash leaves either all of it or nothing. Each page is folded on its own, on every core.
/// </summary>
internal sealed class Folding(NpgsqlDataSource database, Intake intake)
{
    private const int BlocksAStep = 256;
    private const int ReadingsAStep = 1 << 20;
    private const int PagesAWrite = 256;

    public async Task Fold(CancellationToken ct)
    {
        while (await Waits(ct))
        {
            await Step(ct);
        }
    }

    private async Task<bool> Waits(CancellationToken ct)
    {
        await using var command = database.Statement(
            "select exists (select from metering.folded f join metering.head h on h.number > f.number)", []);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task Step(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var folded = await Lock(connection, ct);
        var blocks = new List<Block>();
        await foreach (var (block, _) in Chain.BlocksAfter(connection, folded, BlocksAStep, ct))
        {
            blocks.Add(block);
            if (blocks.Sum(b => (long)b.Readings) >= ReadingsAStep)
            {
                break;
            }
        }

        if (blocks.Count == 0)
        {
            return;
        }

        var names = await intake.Names(blocks[^1].Number);
        var rows = ByPage(blocks, out var starts, out var pages);
        await PagesOfBlocks.Write(connection, blocks, pages, ct);
        var numbers = Enumerable.Range(0, starts.Length - 1).Where(p => starts[p] < starts[p + 1]);
        foreach (var part in numbers.Chunk(PagesAWrite))
        {
            await FoldPages(connection, part, rows, starts, names, ct);
        }

        await connection.Execute("update metering.folded set number = $1", [blocks[^1].Number], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The rows of the blocks sorted by page, where each page starts, and the pages of each block.</summary>
    private static FoldRow[] ByPage(List<Block> blocks, out int[] starts, out int[][] pagesOf)
    {
        var parts = new FoldRow[blocks.Count][];
        var found = new int[blocks.Count][];
        Parallel.For(0, blocks.Count, () => Array.Empty<Row>(), (i, _, room) =>
        {
            var unpacked = blocks[i].Unpack(ref room);
            parts[i] = new FoldRow[unpacked.Length];
            for (var row = 0; row < unpacked.Length; row++)
            {
                parts[i][row] = FoldRow.Of(unpacked[row]);
            }

            found[i] = PagesOfBlocks.Of(parts[i]);
            return room;
        }, _ => { });
        pagesOf = found;
        var pages = 1 + parts.Max(p => p.Length == 0 ? 0 : p.Max(r => Page.Of(r.Resource)));
        starts = new int[pages + 1];
        foreach (var row in parts.SelectMany(p => p))
        {
            starts[Page.Of(row.Resource) + 1]++;
        }

        for (var page = 0; page < pages; page++)
        {
            starts[page + 1] += starts[page];
        }

        var sorted = new FoldRow[starts[pages]];
        var next = starts.ToArray();
        foreach (var part in parts)
        {
            foreach (var row in part)
            {
                sorted[next[Page.Of(row.Resource)]++] = row;
            }
        }

        return sorted;
    }

    private static async Task FoldPages(
        NpgsqlConnection connection, int[] numbers, FoldRow[] rows, int[] starts, Names names, CancellationToken ct)
    {
        var bodies = new byte[]?[numbers.Length];
        const string Sql = """
            select wanted.place::int, page.body
            from unnest($1) with ordinality as wanted (number, place) join metering.page using (number)
            """;
        await using (var command = connection.Statement(Sql, [numbers]))
        await using (var found = await command.ExecuteReaderAsync(ct))
        {
            while (await found.ReadAsync(ct))
            {
                bodies[found.GetInt32(0) - 1] = found.GetFieldValue<byte[]>(1);
            }
        }

        var places = new HashSet<(char Kind, string Name)>[numbers.Length];
        Parallel.For(0, numbers.Length, i =>
        {
            var page = bodies[i] is { } body ? Page.Unpack(body) : new();
            var fold = rows.AsSpan(starts[numbers[i]]..starts[numbers[i] + 1]);
            places[i] = Places(page, fold, names);
            foreach (ref readonly var row in fold)
            {
                page.Add(row);
            }

            bodies[i] = page.Pack();
        });
        const string Write = """
            insert into metering.page (number, body)
            select * from unnest($1, $2)
            on conflict (number) do update set body = excluded.body
            """;
        await connection.Execute(Write, [numbers, bodies], ct);
        var fresh = places.SelectMany((of, i) => of.Select(p => (p.Kind, p.Name, Page: numbers[i]))).ToList();
        const string Note = """
            insert into metering.place (kind, name, page)
            select k::"char", n, p from unnest($1, $2, $3) as fresh (k, n, p)
            on conflict do nothing
            """;
        if (fresh.Count > 0)
        {
            await connection.Execute(
                Note,
                [
                    fresh.Select(f => $"{f.Kind}").ToArray(), fresh.Select(f => f.Name).ToArray(),
                    fresh.Select(f => f.Page).ToArray(),
                ], ct);
        }
    }

    /// <summary>Under which names the page is to be found from now on.</summary>
    private static HashSet<(char Kind, string Name)> Places(Page page, ReadOnlySpan<FoldRow> rows, Names names)
    {
        var projects = page.Contents.Select(c => c.Project).Concat(page.Totals.Keys.Select(t => t.Project)).ToHashSet();
        var resources = new HashSet<int>(page.Totals.Keys.Select(t => t.Place));
        var places = new HashSet<(char, string)>();
        foreach (ref readonly var row in rows)
        {
            if (projects.Add(row.Project))
            {
                places.Add(('p', Readings.Text(names, row.Project)));
            }

            var place = row.Resource % Page.Resources;
            if (page[place].Count == 0 && resources.Add(place))
            {
                var parts = Encoding.UTF8.GetString(names[row.Resource][1..]).Split('/', 3);
                places.Add(('l', parts[0]));
                places.Add(('c', parts[1]));
            }
        }

        return places;
    }

    public static async Task<long> Lock(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement("select number from metering.folded for update", []);
        return (long)(await command.ExecuteScalarAsync(ct)
            ?? throw new InvalidOperationException("The meter's schema is damaged; restore a backup."));
    }
}
