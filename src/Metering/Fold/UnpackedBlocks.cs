namespace Exchange.Metering;

/// <summary>The rows of the blocks of a step of the fold, and what of them is not folded as it stands.</summary>
/// <param name="Rows">All of them; those that are not folded as they stand have no resource.</param>
/// <param name="Pages">The pages of each block.</param>
/// <param name="Fresh">The corrections.</param>
/// <param name="Aside">The readings that some correction corrects.</param>
internal sealed record UnpackedBlocks(
    FoldRow[] Rows, int[][] Pages, List<CorrectionTree.Node> Fresh,
    List<(long Block, Fingerprint.Key Key, Row Row)> Aside)
{
    /// <summary>Unpacks blocks on every core; adds their corrections to the tree.</summary>
    public static UnpackedBlocks Of(List<Block> blocks, CorrectionTree tree)
    {
        var firsts = new int[blocks.Count + 1];
        for (var i = 0; i < blocks.Count; i++)
        {
            firsts[i + 1] = firsts[i] + blocks[i].Readings;
        }

        var rows = new FoldRow[firsts[^1]];
        var pages = new int[blocks.Count][];
        var corrections = new List<Row>[blocks.Count];
        Unreadable.InParallel(() => Parallel.For(0, blocks.Count, () => Array.Empty<Row>(), (i, _, room) =>
        {
            var part = rows.AsSpan(firsts[i]..firsts[i + 1]);
            var unpacked = blocks[i].Unpack(ref room);
            corrections[i] = [];
            for (var row = 0; row < unpacked.Length; row++)
            {
                part[row] = FoldRow.Of(unpacked[row]);
                if (unpacked[row].Correction is not null)
                {
                    corrections[i].Add(unpacked[row]);
                }
            }

            pages[i] = PagesOfBlocks.Of(part);
            return room;
        }, _ => { }));
        List<CorrectionTree.Node> fresh =
            [.. corrections.SelectMany((those, i) => those.Select(row => tree.Add(blocks[i].Number, row)))];
        var all = new UnpackedBlocks(rows, pages, fresh, []);
        all.SetAside(blocks, firsts, tree);
        return all;
    }

    /// <summary>Only where there are corrections at all: the rows are unpacked again, with their ids.</summary>
    private void SetAside(List<Block> blocks, int[] firsts, CorrectionTree tree)
    {
        if (tree.Count == 0)
        {
            return;
        }

        Row[] room = [];
        for (var i = 0; i < blocks.Count; i++)
        {
            var unpacked = blocks[i].Unpack(ref room);
            for (var row = 0; row < unpacked.Length; row++)
            {
                ref var folded = ref Rows[firsts[i] + row];
                if (unpacked[row].Correction is not null)
                {
                    folded = folded with { Resource = 0 };
                }
                else if (tree.Corrects(unpacked[row], out var key))
                {
                    Aside.Add((blocks[i].Number, key, unpacked[row]));
                    folded = folded with { Resource = 0 };
                }
            }
        }
    }
}
