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
    private string[] _moved = [];
    private readonly UnfoldedBlocks _unfolded = new(database);

    /// <summary>Blocks that were left out when usage was last folded.</summary>
    public IReadOnlyList<UnfoldedBlock> Unfolded => _unfolded.Known;

    /// <summary>Whose readings are taken in another database, as of the last fold.</summary>
    public IReadOnlyList<string> Moved => Volatile.Read(ref _moved);

    public async Task Fold(CancellationToken ct)
    {
        await _unfolded.TakeRestored(ct);
        for (var lost = 0; await Waits(ct);)
        {
            var left = _unfolded.Known.Select(one => one.Number).ToHashSet();
            try
            {
                await Step(left, ct);
                lost = 0;
            }
            catch (NpgsqlException e) when (Turn.IsLost(e) && ++lost <= Turn.MaxLost) { }
            catch (RefusedException e) when (UnfoldedBlocks.NumberIn(e) is { } number && !left.Contains(number))
            {
                if (!await _unfolded.Note(UnfoldedBlocks.NumberIn(e)!.Value, ct))
                {
                    throw;
                }
            }
        }
    }

    private async Task<bool> Waits(CancellationToken ct)
    {
        const string Sql = "select h.number > f.number, h.moved from metering.folded f cross join metering.head h";
        await using var command = database.Statement(Sql, []);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
        {
            throw Unreadable.At("metering.folded", "Its row is missing, or that of the head.");
        }

        Volatile.Write(ref _moved, row.GetFieldValue<string[]>(1));
        return row.GetBoolean(0);
    }

    private async Task Step(HashSet<long> left, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var folded = await Lock(database, connection, ct);
        var (blocks, last, hash) = await Next(connection, folded, left, ct);
        if (last == folded)
        {
            return;
        }

        var tree = await _corrections.Read(connection, folded, ct);
        _corrections.Forget(); // Until this step is durable.
        if (blocks.Count > 0)
        {
            await FoldBlocks(connection, blocks, tree, folded, ct);
        }

        await connection.Execute("update metering.folded set number = $1", [last], ct);
        await transaction.CommitAsync(ct);
        if (hash is not null)
        {
            _corrections.Keep(tree, last, hash);
        }
    }

    /// <summary>The blocks of a step, those that are left out not among them, and the last that it comes to.</summary>
    /// <exception cref="RefusedException">One is not what was written, and is not left out yet.</exception>
    private static async Task<(List<Block> Blocks, long Last, byte[]? Hash)> Next(
        NpgsqlConnection connection, long folded, HashSet<long> left, CancellationToken ct)
    {
        var (blocks, last, hash) = (new List<Block>(), folded, await BlockChain.HashOf(connection, folded, ct));
        var head = await UsageStore.Head(connection, ct);
        var suspect = new List<(Block Block, byte[] Before, byte[] Own)>();
        await foreach (var (block, own) in BlockChain.BlocksAfter(connection, folded, BlocksAStep, ct))
        {
            (last, hash) = Pass(left, block.Number - 1, last, hash);
            var isLeftOut = left.Contains(block.Number);
            if (!isLeftOut && hash is not null && !block.IsLinked(hash, own))
            {
                suspect.Add((block, hash, own));
            }

            (last, hash) = (block.Number, own);
            if (!isLeftOut)
            {
                blocks.Add(block);
            }

            if (blocks.Sum(b => (long)b.Readings) >= ReadingsAStep)
            {
                break;
            }
        }

        foreach (var (block, before, own) in suspect)
        {
            _ = await BlockNote.Whole(connection, block, before, own, ct) ??
                throw Unreadable.At($"block {block.Number}");
        }

        return last > folded ? (blocks, last, hash)
            : (blocks, Pass(left, head, last, hash).Last, null);
    }

    /// <summary>Passes over blocks that are gone, and left out already.</summary>
    private static (long Last, byte[]? Hash) Pass(HashSet<long> left, long upTo, long last, byte[]? hash)
    {
        for (; last < upTo; hash = null)
        {
            last = left.Contains(last + 1) ? last + 1 : throw Unreadable.At($"block {last + 1}", "It is missing.");
        }

        return (last, hash);
    }

    private async Task FoldBlocks(
        NpgsqlConnection connection, List<Block> blocks, CorrectionTree tree, long folded, CancellationToken ct)
    {
        var names = await intake.Names(connection, blocks[^1].Number);
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
            // What a landlord of a block that is left out corrects may be in it: the pages are made anew with it.
            var hurt = _unfolded.Known.SelectMany(one => one.Landlords).ToHashSet(StringComparer.Ordinal);
            await new Correcting(connection, intake, tree, (folded, blocks[^1].Number)).Run(
                unpacked.Aside, unpacked.Fresh.FindAll(node => !hurt.Contains(node.Row.Correction!.Landlord)), names,
                places, ct);
        }

        await places.Write(connection, ct);
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

    public static async Task<long> Lock(
        NpgsqlDataSource database, NpgsqlConnection connection, CancellationToken ct)
    {
        await Turn.Limit(connection, ct);
        await using var command = connection.Statement("select number from metering.folded for update", []);
        return (long)(await Turn.Wait(command.ExecuteScalarAsync(ct), database, connection, Turn.MaxStuck)
            ?? throw Unreadable.At("metering.folded", "Its row is missing."));
    }
}
