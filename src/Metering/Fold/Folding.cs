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
    private readonly KnownCorrections _corrections = new();

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
        var (blocks, hash) = (new List<Block>(), await Chain.HashOf(connection, folded, ct));
        await foreach (var (block, own) in Chain.BlocksAfter(connection, folded, BlocksAStep, ct))
        {
            if (hash is not null && !block.Link(hash).AsSpan().SequenceEqual(own))
            {
                throw Unreadable.At($"block {block.Number}");
            }

            blocks.Add(block);
            hash = own;
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
        var tree = await _corrections.Read(connection, folded, ct);
        _corrections.Forget(); // Until this step is durable.
        var unpacked = UnpackedBlocks.Of(blocks, tree);
        await PagesOfBlocks.Write(connection, blocks, unpacked.Pages, ct);
        var rows = ByPage(unpacked.Rows, out var starts);
        var numbers = Enumerable.Range(0, starts.Length - 1).Where(p => starts[p] < starts[p + 1]);
        var places = new PageIndex();
        foreach (var part in numbers.Chunk(PagesAWrite))
        {
            await FoldPages(connection, part, rows, starts, names, places, ct);
        }

        if (unpacked.Fresh.Count + unpacked.Aside.Count > 0)
        {
            await connection.Execute(
                "insert into metering.correction_block (number) select * from unnest($1)",
                [unpacked.Fresh.Select(node => node.Block).Distinct().ToArray()], ct);
            await new Correcting(connection, intake, tree, (folded, blocks[^1].Number)).Run(
                unpacked.Aside, unpacked.Fresh, names, places, ct);
        }

        await places.Write(connection, ct);
        await connection.Execute("update metering.folded set number = $1", [blocks[^1].Number], ct);
        await transaction.CommitAsync(ct);
        _corrections.Keep(tree, blocks[^1].Number, hash!);
    }

    /// <summary>The rows sorted by page, and where each page starts; a row without a resource is not folded.</summary>
    private static FoldRow[] ByPage(FoldRow[] rows, out int[] starts)
    {
        starts = new int[2 + rows.Max(row => Page.Of(row.Resource))];
        var folded = 0;
        foreach (ref readonly var row in rows.AsSpan())
        {
            if (row.Resource > 0)
            {
                starts[Page.Of(row.Resource) + 1]++;
                folded++;
            }
        }

        for (var page = 1; page < starts.Length; page++)
        {
            starts[page] += starts[page - 1];
        }

        var sorted = new FoldRow[folded];
        var next = starts.ToArray();
        foreach (ref readonly var row in rows.AsSpan())
        {
            if (row.Resource > 0)
            {
                sorted[next[Page.Of(row.Resource)]++] = row;
            }
        }

        return sorted;
    }

    private static async Task FoldPages(
        NpgsqlConnection connection, int[] numbers, FoldRow[] rows, int[] starts, Names names, PageIndex places,
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
            found[i] = PageIndex.Of(page, fold, names);
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
