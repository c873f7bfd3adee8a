using Npgsql;

namespace Exchange.Metering;

/// <summary>Says of readings behind a segment how they were corrected, and adds those moved to it.</summary>
internal sealed class CorrectionsBehind(NpgsqlConnection connection, Names names)
{
    private Row[] _room = [];

    /// <summary>The rows of a resource as they were sent, and those that are now of it and its time.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> Add(
        IReadOnlyList<(long Block, Row Row)> rows, int resource, (long Start, long End) time, CancellationToken ct)
    {
        var fingerprint = new Fingerprint((await Head.Read(connection, ct)).Secret);
        var all = rows.Select(found => (Key: fingerprint.Of(found.Row), found.Block, found.Row)).ToList();
        var corrected = (await CorrectedReadings.Of(connection, all.Select(found => found.Key), ct))
            .ToDictionary(one => one.Reading);
        var here = all.Select(found => found.Key).ToHashSet();
        foreach (var one in await CorrectedReadings.NowOf(connection, resource, ct))
        {
            if (one.Now is { } now && now.From < time.End &&
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

    private async Task<Row> Row(long number, Fingerprint.Key key, Fingerprint fingerprint, CancellationToken ct)
    {
        await foreach (var (block, _) in BlockChain.BlocksAfter(connection, number - 1, 1, ct))
        {
            foreach (ref readonly var row in block.Unpack(ref _room))
            {
                if (fingerprint.Of(row) == key)
                {
                    return row;
                }
            }
        }

        throw Unreadable.At($"block {number}", "A reading that was corrected is not in it.");
    }
}
