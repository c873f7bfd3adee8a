using System.Collections.Concurrent;
using Exchange.Journal;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Metering;

/// <summary>How far the meter has read, and of which times what came since then speaks.</summary>
public sealed class MeterProgress
{
    private readonly LaneSet _lanes;
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<Lane, KnownCorrections> _known = new();

    internal MeterProgress(LaneSet lanes, Meter meter) => (_lanes, _meter) = (lanes, meter);

    /// <summary>
    /// What stands for all that is known now, for ever: the number of the last block; where there are several lanes, of
    /// what the journal says of their last blocks.
    /// </summary>
    public async Task<long> Head(CancellationToken ct) => (await _lanes.Now(ct)).IsSingle
        ? await Version(ct)
        : await _lanes.Heads.Seal(ct);

    /// <summary>Another number whenever anything came; nobody can ask later what was known then.</summary>
    public async Task<long> Version(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        var version = map.Version << 40;
        foreach (var lane in map.Lanes)
        {
            await using var connection = await lane.Database.OpenConnectionAsync(ct);
            version += await UsageStore.Head(connection, ct);
        }

        return version;
    }

    /// <summary>
    /// The times that readings, corrections of readings and bills of other clouds speak of that came after these.
    /// </summary>
    public async Task<IReadOnlyList<Period>> TouchedSince(long block, long bill, CancellationToken ct)
    {
        const string Sql = """
            select min(from_us), max(to_us)
            from metering.block
            where number > $1
            group by from_us / 86400000000, to_us / 86400000000
            union all
            select (extract(epoch from min(from_at)) * 1000000)::bigint,
                   (extract(epoch from max(to_at)) * 1000000)::bigint
            from metering.bill
            where number > $2 and format = $3
            having count(*) > 0
            union all
            select least(stood.from_us, nullif(corrected.from_us, 0)), greatest(stood.to_us, corrected.to_us)
            from metering.corrected
            join metering.block stood on stood.number = corrected.block
            where (corrected.by_block > $1 or corrected.by_block is null or corrected.reading = any($4))
              and exists (select from metering.correction_block where number > $1)
            """;
        var asked = await _meter.Ask(null, ct);
        var touched = new List<Period>();
        foreach (var lane in asked.Lanes)
        {
            var since = asked.Map.IsSingle ? block : await _lanes.Heads.Of(lane, block, ct);
            var (readings, times) = await CorrectedSince(lane, since, ct);
            touched.AddRange(times.Select(time => Time(time.From, time.To)));
            await using var connection = await lane.Database.OpenConnectionAsync(ct);
            await using var command = connection.Statement(
                Sql, [since, bill, FocusRows.Format, readings.Select(CorrectedReadings.Bytes).ToArray()]);
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                touched.Add(Time(rows.GetInt64(0), rows.GetInt64(1)));
            }
        }

        await asked.Check(ct);
        return touched;
    }

    private static Period Time(long from, long to) =>
        new(Readings.At(from), to == long.MaxValue ? Instant.MaxValue : Readings.At(to));

    /// <summary>
    /// The readings that corrections after a block are of, and of which times these speak or spoke. Corrections that
    /// one look has read are known to the next; of two looks at once one reads them itself.
    /// </summary>
    private async Task<(HashSet<Fingerprint.Key> Readings, List<(long From, long To)> Times)> CorrectedSince(
        Lane lane, long block, CancellationToken ct)
    {
        await using var connection = await lane.Database.OpenConnectionAsync(ct);
        await using var any = connection.Statement(
            "select coalesce(max(number), 0) from metering.correction_block", []);
        var last = (long)(await any.ExecuteScalarAsync(ct))!;
        if (last <= block)
        {
            return ([], []);
        }

        var known = _known.TryRemove(lane, out var held) ? held : new();
        var corrected = (await known.Grown(connection, last, ct)).CorrectedSince(block);
        _known[lane] = known;
        return corrected;
    }

    /// <summary>The number of the last bill of another cloud; 0 where there is none.</summary>
    public async Task<long> LastBill(CancellationToken ct)
    {
        const string Sql = "select coalesce(max(number), 0) from metering.bill where format = $1";
        await using var command = _lanes.Home.Database.Statement(Sql, [FocusRows.Format]);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
