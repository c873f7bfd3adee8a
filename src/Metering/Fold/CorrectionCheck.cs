using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Makes the corrected readings again while the chain is walked, and compares them with what is kept beside the pages.
/// </summary>
/// <param name="known">The corrections of the blocks that are noted to hold some.</param>
internal sealed class CorrectionCheck(CorrectionTree known, Fingerprint fingerprint)
{
    private readonly Dictionary<Fingerprint.Key, (long Block, Row Row)> _aside = [];
    private int _corrections;
    private long _unknown;

    public bool HasAny => known.Count > 0;

    /// <summary>Whether a row is not folded as it stands: it corrects, or is corrected.</summary>
    public bool Takes(long block, in Row row)
    {
        if (row.Correction is not null)
        {
            _corrections++;
            _unknown = _unknown == 0 && !known.IsCorrection(fingerprint.Of(row)) ? block : _unknown;
            return true;
        }

        return known.Corrects(row, out var key) && (_aside.TryAdd(key, (block, row)) || true);
    }

    /// <summary>Tells what corrected readings are now, and what is kept otherwise.</summary>
    public async Task<List<string>> Finish(NpgsqlConnection connection, Action<FoldRow> add, CancellationToken ct)
    {
        var differs = new List<string>();
        if (_unknown > 0 || _corrections != known.Count)
        {
            differs.Add(_unknown > 0 ? $"the corrections of block {_unknown}" : "metering.correction_block");
        }

        var kept = (await CorrectedReadings.All(connection, ct)).ToDictionary(one => one.Reading);
        foreach (var (key, (block, row)) in _aside)
        {
            var effect = known.Of(key);
            var now = CorrectionTree.Apply(effect, row);
            if (now is { } folded)
            {
                add(folded);
            }

            if (!kept.Remove(key, out var one) ||
                one != new CorrectedReading(key, block, effect.By?.Block, effect.By?.Key, now))
            {
                differs.Add($"the corrected reading {row.Id} of block {block}");
            }
        }

        differs.AddRange(kept.Values.Select(one => $"the corrected reading of block {one.Block}"));
        return differs.Count > 9 ? differs[..9] : differs;
    }
}
