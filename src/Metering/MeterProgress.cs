using Exchange.Journal;
using Exchange.Metering.Collectors;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>How far the meter has read, and of which times what came since then speaks.</summary>
public sealed class MeterProgress(NpgsqlDataSource database, Meter meter)
{
    /// <summary>The number of the last block of readings.</summary>
    public async Task<long> Head(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await UsageStore.Head(connection, ct);
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
            where (corrected.by_block > $1 or corrected.by_block is null)
              and exists (select from metering.correction_block where number > $1)
            """;
        await meter.Fold(ct);
        await using var command = database.Statement(Sql, [block, bill, FocusRows.Format]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var touched = new List<Period>();
        while (await rows.ReadAsync(ct))
        {
            touched.Add(new(Readings.At(rows.GetInt64(0)), rows.GetInt64(1) == long.MaxValue
                ? Instant.MaxValue : Readings.At(rows.GetInt64(1))));
        }

        return touched;
    }

    /// <summary>The number of the last bill of another cloud; 0 where there is none.</summary>
    public async Task<long> LastBill(CancellationToken ct)
    {
        const string Sql = "select coalesce(max(number), 0) from metering.bill where format = $1";
        await using var command = database.Statement(Sql, [FocusRows.Format]);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
