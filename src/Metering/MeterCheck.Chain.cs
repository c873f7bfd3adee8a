using System.Security.Cryptography;
using Npgsql;

namespace Exchange.Metering;

/// <summary>How a check walks the chain, and folds it again on the way.</summary>
internal sealed partial class MeterCheck
{
    /// <summary>A place that is not what was written; blocks of corrections are read before all others.</summary>
    private async Task<Refusal?> FirstBroken(
        NpgsqlConnection connection, Head head, long folded, KeyCheck keys, CancellationToken ct)
    {
        try
        {
            _corrections = new(await KnownCorrections.All(connection, folded, ct), new(head.Secret));
        }
        catch (RefusedException e) when (UnfoldedBlocks.NumberIn(e) is not null)
        {
            return Broken(e.Refusal.Where!);
        }

        return await WalkChain(connection, head, folded, keys, ct);
    }

    private async Task<Refusal?> WalkChain(
        NpgsqlConnection connection, Head head, long folded, KeyCheck keys, CancellationToken ct)
    {
        var (number, hash) = (0L, new byte[SHA256.HashSizeInBytes]);
        while (true)
        {
            var before = number;
            var blocks = new List<(Block Block, byte[] Hash)>();
            await foreach (var stored in BlockChain.BlocksAfter(connection, number, 64, ct))
            {
                blocks.Add(stored);
            }

            foreach (var (block, kept) in blocks)
            {
                hash = block.Link(hash);
                if (block.Number != ++number || !hash.AsSpan().SequenceEqual(kept))
                {
                    return Broken($"block {number}");
                }

                block.AddNames(_names);
                await keys.GoTo(connection, block.Number, ct);
                Fold(block, keys, number <= folded);
                if (!_pagesOf.SetEquals(await PagesOfBlocks.Read(connection, block.Number, ct)))
                {
                    IndexDiffers($"the pages of block {block.Number}");
                }
            }

            if (before == number)
            {
                return number < head.Number ? Broken($"block {number + 1}")
                    : number == head.Number && hash.AsSpan().SequenceEqual(head.Hash) ? null
                    : Broken("the head of the chain");
            }
        }
    }

    private void Fold(Block block, KeyCheck keys, bool isFolded)
    {
        _pagesOf.Clear();
        var rows = block.Unpack(ref _room);
        keys.Add(block.Number, rows);
        if (!isFolded)
        {
            return;
        }

        foreach (ref readonly var row in rows)
        {
            if (row.Resource > 0)
            {
                _pagesOf.Add(Page.Of(row.Resource));
            }

            if (!_corrections!.Takes(block.Number, row))
            {
                var folded = FoldRow.Of(row);
                PageOf(folded).Add(folded);
            }
        }
    }

    private Page PageOf(in FoldRow row)
    {
        var number = Page.Of(row.Resource);
        if (!_pages.TryGetValue(number, out var page))
        {
            _pages[number] = page = new();
        }

        return page;
    }
}
