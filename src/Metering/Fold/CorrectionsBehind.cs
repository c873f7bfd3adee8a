using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Says of readings behind a segment how they were corrected up to a block, and adds those moved to it: whatever came
/// after that block changes nothing of what is said.
/// </summary>
internal sealed class CorrectionsBehind(
    NpgsqlConnection connection, Intake intake, Names names, long upTo, CorrectionsThen then)
{
    /// <summary>The rows of a resource as they were sent, and those that are now of it and its time.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> Add(
        IReadOnlyList<(long Block, Row Row)> rows, int resource, (long Start, long End) time, CancellationToken ct)
    {
        var fingerprint = new Fingerprint((await Head.Read(connection, ct)).Secret);
        var all = rows.Select(found => (Key: fingerprint.Of(found.Row), found.Block, found.Row)).ToList();
        var (known, ofResource) = await IsCorrectedSince(ct)
            ? await Then(all, resource, ct)
            : (await CorrectedReadings.Of(connection, all.Select(found => found.Key), ct),
                await CorrectedReadings.NowOf(connection, resource, ct));
        var corrected = known.ToDictionary(one => one.Reading);
        var here = all.Select(found => found.Key).ToHashSet();
        foreach (var one in ofResource)
        {
            if (one.Block <= upTo && one.Now is { } now && now.From < time.End &&
                (now.Type == ReadingType.State || now.To >= time.Start) && here.Add(one.Reading))
            {
                corrected[one.Reading] = one;
                all.Add((one.Reading, one.Block, await Row(one.Block, one.Reading, fingerprint, ct)));
            }
        }

        var behind = new List<ReadingBehind>();
        foreach (var (key, block, row) in all)
        {
            var reading = Readings.Of(row, names);
            var correction = corrected.TryGetValue(key, out var one) ? await Of(one, row, fingerprint, ct) : null;
            behind.Add(new(reading.Source, reading.Id, block, reading.ToLine(), correction));
        }

        return behind;
    }

    /// <summary>Whether what is kept of corrections knows more than was known then.</summary>
    private async Task<bool> IsCorrectedSince(CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select exists (select from metering.correction_block where number > $1)", [upTo]);
        return upTo < long.MaxValue && (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>What held of these readings, and which were of the resource, by corrections up to the block.</summary>
    private async Task<(List<CorrectedReading> Known, List<CorrectedReading> OfResource)> Then(
        List<(Fingerprint.Key Key, long Block, Row Row)> all, int resource, CancellationToken ct)
    {
        var tree = await then.UpTo(connection, intake, upTo, ct);
        CorrectedReading Effect(Fingerprint.Key key, long block, in Row row)
        {
            var effect = tree.Of(key);
            return new(key, block, effect.By?.Block, effect.By?.Key, CorrectionTree.Apply(effect, row));
        }

        var known = all.Where(found => tree.Corrects(found.Row, out _))
            .Select(found => Effect(found.Key, found.Block, found.Row)).ToList();
        var moved = new List<CorrectedReading>();
        foreach (var (key, (block, row)) in await intake.Locate(tree.ThatSay(resource), ct))
        {
            if (block <= upTo && Effect(key, block, row) is { Now: { } now } one && now.Resource == resource)
            {
                moved.Add(one);
            }
        }

        return (known, moved);
    }

    private async Task<CorrectionBehind?> Of(
        CorrectedReading one, Row row, Fingerprint fingerprint, CancellationToken ct)
    {
        if (one is not { ByBlock: { } block, By: { } by })
        {
            return null;
        }

        var correction = await Row(block, by, fingerprint, ct);
        var says = one.Now is { } now
            ? Readings.Of(now.In(row), names).ToLine()
            : null;
        return new(correction.Id.ToString(), block, correction.Correction!.Reason, says);
    }

    private async Task<Row> Row(long number, Fingerprint.Key key, Fingerprint fingerprint, CancellationToken ct) =>
        (await then.RowsOf(connection, intake, number, fingerprint, ct)).TryGetValue(key, out var row)
            ? row
            : throw Unreadable.At($"block {number}", "A reading that was corrected is not in it.");
}
