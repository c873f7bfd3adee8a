using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Finds the readings behind a segment: in the blocks of its time that hold its page.</summary>
internal sealed class Evidence(NpgsqlDataSource database, Intake intake)
{
    /// <summary>The readings of a resource that speak of a period, in the order in which they were taken.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> Of(ResourceId resource, Period period, CancellationToken ct)
    {
        const string Sql = """
            select b.number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block_pages join metering.block b using (number)
            where pages @> array[$1] and from_us < $2 and to_us >= $3
            order by b.number
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        var names = await intake.Names(await UsageStore.Head(connection, ct));
        var number = names.Find([Names.Resource, .. System.Text.Encoding.UTF8.GetBytes(resource.ToString())]);
        if (number == 0)
        {
            return [];
        }

        var found = new List<ReadingBehind>();
        (long At, ReadingBehind? Reading) standing = (long.MinValue, null);
        Row[] room = [];
        await foreach (var (block, _) in Chain.Blocks(
            connection, Sql, ct, Page.Of(number), Microseconds(period.End), Microseconds(period.Start)))
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
