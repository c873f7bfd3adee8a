using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The corrections up to a block, kept between steps of the fold while the chain is the same.</summary>
internal sealed class KnownCorrections
{
    private const int MaxHeld = 50_000;

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

    /// <summary>
    /// The corrections of the blocks up to one, of which only those are read that nobody read before; many are not
    /// held.
    /// </summary>
    public async Task<CorrectionTree> Grown(NpgsqlConnection connection, long upTo, CancellationToken ct)
    {
        var (tree, before) = (_tree, _upTo);
        var isOurs = tree is not null && before <= upTo && await BlockChain.Has(connection, before, _hash, ct);
        Forget(); // Until all is read: what is read in part is nobody's.
        tree = isOurs ? tree! : new CorrectionTree(new((await Head.Read(connection, ct)).Secret));
        await Add(tree, connection, isOurs ? before : 0, upTo, ct);
        if (tree.Count <= MaxHeld && await BlockChain.HashOf(connection, upTo, ct) is { } hash)
        {
            Keep(tree, upTo, hash);
        }

        return tree;
    }

    /// <summary>Reads them from their blocks.</summary>
    public static async Task<CorrectionTree> All(NpgsqlConnection connection, long folded, CancellationToken ct)
    {
        var tree = new CorrectionTree(new((await Head.Read(connection, ct)).Secret));
        await Add(tree, connection, 0, folded, ct);
        return tree;
    }

    private static async Task Add(
        CorrectionTree tree, NpgsqlConnection connection, long after, long upTo, CancellationToken ct)
    {
        const string Sql = """
            select array_agg(number order by number)
            from metering.correction_block
            where number > $1 and number <= $2
            """;
        const string Missing = """
            select min(number)
            from metering.correction_block c
            where number > $1 and number <= $2 and not exists (select from metering.block where number = c.number)
            """;
        await Unreadable.RefuseMissing(connection, Missing, [after, upTo], ct);
        Row[] room = [];
        await using var command = connection.Statement(Sql, [after, upTo]);
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
    }

    /// <summary>Keeps what a step came to, once it is durable.</summary>
    public void Keep(CorrectionTree tree, long upTo, byte[] hash) => (_tree, _upTo, _hash) = (tree, upTo, hash);

    public void Forget() => _tree = null;
}
