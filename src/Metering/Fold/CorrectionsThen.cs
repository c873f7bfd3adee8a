using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// What is read of corrections while one thing is explained: all of its parts rest on the same, so that the corrections
/// known at a block, and the blocks that they and the corrected readings are in, are read once and not for each part.
/// </summary>
public sealed class CorrectionsThen
{
    private const int BlocksKept = 4;
    private readonly Dictionary<(Intake Lane, long UpTo), CorrectionTree> _known = [];
    private readonly Dictionary<(Intake Lane, long Block), Dictionary<Fingerprint.Key, Row>> _rows = [];
    private readonly Queue<(Intake Lane, long Block)> _order = new();
    private Row[] _room = [];

    internal async Task<CorrectionTree> UpTo(
        NpgsqlConnection connection, Intake lane, long block, CancellationToken ct)
    {
        if (!_known.TryGetValue((lane, block), out var tree))
        {
            _known[(lane, block)] = tree = await KnownCorrections.All(connection, block, ct);
        }

        return tree;
    }

    /// <summary>The readings and corrections of a block; of the last few blocks they are kept.</summary>
    internal async Task<IReadOnlyDictionary<Fingerprint.Key, Row>> RowsOf(
        NpgsqlConnection connection, Intake lane, long number, Fingerprint fingerprint, CancellationToken ct)
    {
        if (_rows.TryGetValue((lane, number), out var known))
        {
            return known;
        }

        var rows = new Dictionary<Fingerprint.Key, Row>();
        await foreach (var (block, _) in BlockChain.BlocksAfter(connection, number - 1, 1, ct))
        {
            foreach (ref readonly var row in block.Unpack(ref _room))
            {
                rows.TryAdd(fingerprint.Of(row), row);
            }
        }

        _order.Enqueue((lane, number));
        if (_order.Count > BlocksKept)
        {
            _rows.Remove(_order.Dequeue());
        }

        return _rows[(lane, number)] = rows;
    }
}
