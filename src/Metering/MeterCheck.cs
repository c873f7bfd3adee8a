using System.Security.Cryptography;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Walks the chain of blocks, folds what is in them again, and says what differs from what is kept.</summary>
internal sealed class MeterCheck(NpgsqlDataSource database)
{
    private readonly Dictionary<ResourceId, List<Reading>> _readings = [];

    public async Task<IReadOnlyList<Refusal>> Run(CancellationToken ct)
    {
        if (await Chain(ct) is { } broken)
        {
            return [broken];
        }

        var found = new List<Refusal>();
        if (await Rows("select count(*) from metering.reading", r => r.GetInt64(0), ct) is [var kept] &&
            kept != _readings.Values.Sum(r => r.Count))
        {
            found.Add(new(
                "meter/index-differs", "The index of readings holds other readings than the blocks. Run replay.",
                "metering.reading"));
        }

        var waiting = await Rows("select resource from metering.dirty", r => r.GetString(0), ct);
        const string Segments = """
            select resource, concat_ws(' ', project, from_at at time zone 'utc', to_at at time zone 'utc', state, shape)
            from metering.segment
            order by resource, from_at
            """;
        var segments = (await Rows(Segments, r => (r.GetString(0), r.GetString(1)), ct))
            .ToLookup(r => r.Item1, r => r.Item2);
        var differing = _readings.Where(r => !waiting.Contains(r.Key.ToString()))
            .FirstOrDefault(r => !segments[r.Key.ToString()].SequenceEqual(SegmentFold.Of(r.Value).Select(Told))).Key;
        if (differing is not null)
        {
            found.Add(new(
                "meter/fold-differs", "Its segments are not what its readings come to. Run replay.", $"{differing}"));
        }

        return found;
    }

    private async Task<Refusal?> Chain(CancellationToken ct)
    {
        const string Sql = """
            select number, hash, readings, body from metering.block
            union all select number + 1, hash, -1, '' from metering.head
            order by number, readings desc
            """;
        var (expected, hash) = (1L, new byte[SHA256.HashSizeInBytes]);
        await using var command = database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var (number, kept) = (rows.GetInt64(0), rows.GetFieldValue<byte[]>(1));
            var isHead = rows.GetInt32(2) < 0;
            var body = rows.GetFieldValue<byte[]>(3);
            hash = isHead ? hash : Block.Link(hash, number, body);
            if (number != expected++ || !hash.AsSpan().SequenceEqual(kept))
            {
                return new(
                    "meter/chain-broken",
                    "This block is not the one that was written, or one is missing. Restore a backup.",
                    isHead ? "the head of the chain" : $"block {number}");
            }

            foreach (var reading in isHead ? [] : Block.Unpack(body).Select(Block.Reading))
            {
                var of = _readings.TryGetValue(reading.Resource, out var known) ? known : [];
                (_readings[reading.Resource] = of).Add(reading);
            }
        }

        return null;
    }

    private static string Told(Segment s) =>
        $"{s.Project} {At(s.Period.Start)} " +
        (s.Period.End == Instant.MaxValue ? "" : $"{At(s.Period.End)} ") + $"{s.State} {s.Shape}";

    private static string At(Instant instant) => instant.ToDateTimeUtc()
        .ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<T>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(read(rows));
        }

        return found;
    }
}
