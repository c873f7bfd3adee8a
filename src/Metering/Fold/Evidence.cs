using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Finds the readings behind a segment: in the blocks of its time that hold its resource.</summary>
internal sealed class Evidence(NpgsqlDataSource database, Intake intake)
{
    /// <summary>The readings of a resource that speak of a period, in the order in which they were taken.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> Of(ResourceId resource, Period period, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, body
            from metering.block
            where from_us < $1 and to_us >= $2
            order by number
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        var names = await intake.Names(await UsageStore.Head(connection, ct));
        var number = names.Find([Names.Resource, .. System.Text.Encoding.UTF8.GetBytes(resource.ToString())]);
        var blocks = new List<long>();
        await using (var command = connection.Statement(
            Sql, [Microseconds(period.End), Microseconds(period.Start)]))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (number > 0 && await rows.ReadAsync(ct))
            {
                if (Block.Has(number, rows.GetInt32(1), rows.GetFieldValue<byte[]>(2)))
                {
                    blocks.Add(rows.GetInt64(0));
                }
            }
        }

        const string Whole = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number = any($1)
            order by number
            """;
        var found = new List<ReadingBehind>();
        (long At, ReadingBehind? Reading) standing = (long.MinValue, null);
        Row[] room = [];
        await foreach (var (block, _) in Ledger.Blocks(connection, Whole, ct, blocks.ToArray()))
        {
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                if (row.Resource != number || row.From >= Microseconds(period.End) ||
                    (row.Type != ReadingType.State && row.To < Microseconds(period.Start)))
                {
                    continue;
                }

                var reading = Readings.Of(row, names);
                var behind = new ReadingBehind(reading.Source, reading.Id, block.Number, Readings.Line(reading));
                if (row.Type != ReadingType.State || row.From > Microseconds(period.Start))
                {
                    found.Add(behind);
                }
                else if (row.From >= standing.At)
                {
                    standing = (row.From, behind);
                }
            }
        }

        return standing.Reading is { } last ? [last, .. found] : found;
    }

    private static long Microseconds(Instant instant) =>
        instant == Instant.MaxValue ? long.MaxValue : instant.ToUnixTimeTicks() / 10;
}
