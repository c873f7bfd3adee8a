using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The corrections up to a block, kept between steps of the fold while the chain is the same.</summary>
internal sealed class KnownCorrections
{
    private CorrectionTree? _tree;
    private long _upTo;
    private byte[] _hash = [];

    /// <summary>The corrections of the blocks up to the last that is folded.</summary>
    public async Task<CorrectionTree> Read(NpgsqlConnection connection, long folded, CancellationToken ct)
    {
        if (_tree is not null && _upTo == folded && await BlockChain.Has(connection, folded, _hash, ct))
        {
            return _tree;
        }

        Forget();
        return await All(connection, folded, ct);
    }

    /// <summary>Reads them from their blocks.</summary>
    public static async Task<CorrectionTree> All(NpgsqlConnection connection, long folded, CancellationToken ct)
    {
        const string Sql = """
            select array_agg(number order by number)
            from metering.correction_block
            where number <= $1
            """;
        const string Missing = """
            select min(number)
            from metering.correction_block c
            where number <= $1 and not exists (select from metering.block where number = c.number)
            """;
        await Unreadable.RefuseMissing(connection, Missing, [folded], ct);
        var tree = new CorrectionTree(new((await Head.Read(connection, ct)).Secret));
        Row[] room = [];
        await using var command = connection.Statement(Sql, [folded]);
        var numbers = await command.ExecuteScalarAsync(ct) as long[] ?? [];
        await foreach (var block in WholeBlocks.Read(connection, numbers, ct))
        {
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                if (row.Correction is not null)
                {
                    tree.Add(block.Number, row);
                }
            }
        }

        return tree;
    }

    /// <summary>Keeps what a step came to, once it is durable.</summary>
    public void Keep(CorrectionTree tree, long upTo, byte[] hash) => (_tree, _upTo, _hash) = (tree, upTo, hash);

    public void Forget() => _tree = null;
}
