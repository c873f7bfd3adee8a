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
    private const int ReadingsAStep = 1 << 19; // Each takes some hundred bytes until the step is done.
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

        var names = await intake.Names(connection, blocks[^1].Number);
        var rows = ByPage(blocks, out var starts, out var pages);
        await PagesOfBlocks.Write(connection, blocks, pages, ct);
        var numbers = Enumerable.Range(0, starts.Length - 1).Where(p => starts[p] < starts[p + 1]);
        var places = new Places();
        foreach (var part in numbers.Chunk(PagesAWrite))
        {
            await FoldPages(connection, part, rows, starts, names, places, ct);
        }

        await places.Write(connection, ct);

        await connection.Execute("update metering.folded set number = $1", [blocks[^1].Number], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The rows of the blocks sorted by page, where each page starts, and the pages of each block.</summary>
    private static FoldRow[] ByPage(List<Block> blocks, out int[] starts, out int[][] pagesOf)
    {
        var firsts = new int[blocks.Count + 1];
        for (var i = 0; i < blocks.Count; i++)
        {
            firsts[i + 1] = firsts[i] + blocks[i].Readings;
        }

        var rows = new FoldRow[firsts[^1]];
        var found = new int[blocks.Count][];
        Parallel.For(0, blocks.Count, () => Array.Empty<Row>(), (i, _, room) =>
        {
            var part = rows.AsSpan(firsts[i]..firsts[i + 1]);
            var unpacked = blocks[i].Unpack(ref room);
            for (var row = 0; row < unpacked.Length; row++)
            {
                part[row] = FoldRow.Of(unpacked[row]);
            }

            found[i] = PagesOfBlocks.Of(part);
            return room;
        }, _ => { });
        pagesOf = found;
        starts = new int[2 + found.Max(pages => pages.Length == 0 ? 0 : pages[^1])];
        foreach (ref readonly var row in rows.AsSpan())
        {
            starts[Page.Of(row.Resource) + 1]++;
        }

        for (var page = 1; page < starts.Length; page++)
        {
            starts[page] += starts[page - 1];
        }

        var sorted = new FoldRow[rows.Length];
        var next = starts.ToArray();
        foreach (ref readonly var row in rows.AsSpan())
        {
            sorted[next[Page.Of(row.Resource)]++] = row;
        }

        return sorted;
    }

    private static async Task FoldPages(
        NpgsqlConnection connection, int[] numbers, FoldRow[] rows, int[] starts, Names names, Places places,
        CancellationToken ct)
    {
        var bodies = new byte[]?[numbers.Length];
        const string Sql = """
            select wanted.place::int, page.body
            from unnest($1) with ordinality as wanted (number, place) join metering.page using (number)
            """;
        await using (var command = connection.Statement(Sql, [numbers]))
        await using (var kept = await command.ExecuteReaderAsync(ct))
        {
            while (await kept.ReadAsync(ct))
            {
                bodies[kept.GetInt32(0) - 1] = kept.GetFieldValue<byte[]>(1);
            }
        }

        var found = new List<(char Kind, string Name)>[numbers.Length];
        Parallel.For(0, numbers.Length, i =>
        {
            var page = bodies[i] is { } body ? Page.Unpack(body) : new();
            var fold = rows.AsSpan(starts[numbers[i]]..starts[numbers[i] + 1]);
            found[i] = Places.Of(page, fold, names);
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
        for (var i = 0; i < numbers.Length; i++)
        {
            places.Add(numbers[i], found[i]);
        }
    }

    public static async Task<long> Lock(NpgsqlConnection connection, CancellationToken ct)
    {
        await Turn.Limit(connection, ct);
        await using var command = connection.Statement("select number from metering.folded for update", []);
        return (long)(await command.ExecuteScalarAsync(ct)
            ?? throw new InvalidOperationException("The meter's schema is damaged; restore a backup."));
    }
}
