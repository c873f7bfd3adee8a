using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Finds the readings behind a segment: in the blocks of its time that hold its page.</summary>
/// <param name="then">What is kept of corrections while one thing is explained.</param>
internal sealed class Evidence(NpgsqlDataSource database, Intake intake, CorrectionsThen then)
{
    private const int BlocksAStep = 256;

    /// <summary>The readings of a resource that speak of a period, in the order in which they were taken.</summary>
    /// <param name="upTo">The last block that counts.</param>
    public async Task<IReadOnlyList<ReadingBehind>> Of(
        ResourceId resource, Period period, long upTo, CancellationToken ct)
    {
        const string Sql = """
            select b.number, readings, body
            from metering.block_pages join metering.block b using (number)
            where pages @> array[$1] and b.number <= $4
              and int8range(from_us, nullif(to_us, 9223372036854775807) + 1) && int8range($3, greatest($2, $3 + 1))
            order by b.number
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        var names = await intake.Names(connection, await UsageStore.Head(connection, ct));
        var number = names.Find([Names.Resource, .. System.Text.Encoding.UTF8.GetBytes(resource.ToString())]);
        if (number == 0)
        {
            return [];
        }

        var (start, end) = (Microseconds(period.Start), Microseconds(period.End));
        var rows = new List<(long Block, Row Row, int Uuid)>();
        await using (var command = connection.Statement(Sql, [Page.Of(number), end, start, upTo]))
        await using (var blocks = await command.ExecuteReaderAsync(ct))
        {
            var part = new List<(long Number, int Readings, byte[] Body)>();
            while (await blocks.ReadAsync(ct))
            {
                part.Add((blocks.GetInt64(0), blocks.GetInt32(1), blocks.GetFieldValue<byte[]>(2)));
                if (part.Count == BlocksAStep)
                {
                    rows.AddRange(Scan(part, number, start, end));
                    part.Clear();
                }
            }

            rows.AddRange(Scan(part, number, start, end));
        }

        rows.RemoveAll(found => found.Row.Correction is not null);
        rows = Speaking(rows, start);
        var ids = await Uuids(connection, [.. rows.Where(r => r.Uuid >= 0)], ct);
        return await new CorrectionsBehind(connection, intake, names, upTo, then).Add(
            [.. rows.Select(found => (found.Block, found.Row with
            {
                Id = found.Uuid >= 0 ? ids[(found.Block, found.Uuid)] : found.Row.Id,
            }))], number, (start, end), ct);
    }

    /// <summary>The rows of a resource in these blocks that speak of the time; on every core.</summary>
    private static IEnumerable<(long Block, Row Row, int Uuid)> Scan(
        List<(long Number, int Readings, byte[] Body)> blocks, int resource, long start, long end)
    {
        var found = new List<(long Block, Row Row, int Uuid)>[blocks.Count];
        Parallel.For(0, blocks.Count, () => new BlockScan(), (i, _, scan) =>
        {
            var (block, readings, body) = blocks[i];
            scan.Read(block, readings, body, resource);
            found[i] = [.. scan.Found.Select(one => (block, one.Row, one.Uuid)).Where(one =>
                one.Row.From < end && (one.Row.Type == ReadingType.State || one.Row.To >= start))];
            return scan;
        }, _ => { });
        return found.SelectMany(rows => rows);
    }

    /// <summary>Without the states before a period, but for the last of them, which then comes first.</summary>
    private static List<(long Block, Row Row, int Uuid)> Speaking(
        List<(long Block, Row Row, int Uuid)> rows, long start)
    {
        var found = rows.FindAll(r => r.Row.Type != ReadingType.State || r.Row.From > start);
        var before = rows.FindAll(r => r.Row.Type == ReadingType.State && r.Row.From <= start);
        if (before.Count > 0)
        {
            var latest = before.Max(r => r.Row.From);
            found.Insert(0, before.FindLast(r => r.Row.From == latest));
        }

        return found;
    }

    /// <summary>Only these UUIDs: sixteen bytes of each block, not all that it has.</summary>
    private static async Task<Dictionary<(long Block, int Uuid), RowId>> Uuids(
        NpgsqlConnection connection, List<(long Block, Row Row, int Uuid)> rows, CancellationToken ct)
    {
        const string Sql = """
            select number, place, substring(ids from 16 * place + 1 for 16)
            from unnest($1, $2) as wanted (number, place) join metering.block using (number)
            """;
        await using var command = connection.Statement(
            Sql, [rows.ConvertAll(r => r.Block).ToArray(), rows.ConvertAll(r => r.Uuid).ToArray()]);
        await using var found = await command.ExecuteReaderAsync(ct);
        var ids = new Dictionary<(long, int), RowId>();
        while (await found.ReadAsync(ct))
        {
            var bytes = found.GetFieldValue<byte[]>(2);
            ids[(found.GetInt64(0), found.GetInt32(1))] =
                bytes.Length == 16 ? RowId.ReadUuid(bytes) : throw BytesReader.Damaged();
        }

        return ids;
    }

    private static long Microseconds(Instant instant) =>
        instant == Instant.MaxValue ? long.MaxValue : instant.ToUnixTimeTicks() / 10;
}
