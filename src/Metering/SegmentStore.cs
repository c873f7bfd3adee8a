using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Keeps the segments and daily totals of each resource equal to the fold of its readings.</summary>
internal sealed class SegmentStore(NpgsqlDataSource database)
{
    private const int ResourcesAStep = 500;

    /// <summary>Folds what waits, some resources a transaction; a crash between two leaves the rest waiting.</summary>
    public async Task Fold(CancellationToken ct)
    {
        while (await Step(ct))
        {
        }
    }

    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        const string Sql = """
            select (select number from metering.head), min(first), max(last)
            from (
              select min(from_at) as first, max(coalesce(to_at, 'infinity')) as last from metering.segment
              union all
              select min(day)::timestamp at time zone 'UTC', (max(day) + 1)::timestamp at time zone 'UTC'
              from metering.daily_total) as used
            """;

        await using var command = database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct) || rows.IsDBNull(1))
        {
            return null;
        }

        var last = rows.GetDateTime(2);
        return new(
            rows.GetInt64(0), Instant.FromDateTimeUtc(rows.GetDateTime(1)),
            last == DateTime.MaxValue ? null : Instant.FromDateTimeUtc(last));
    }

    private async Task<bool> Step(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Intake.LockHead(connection, ct);
        var resources = new HashSet<string>(StringComparer.Ordinal);
        var readings = new List<Reading>();
        const string Waiting = """
            with step as (
              delete from metering.dirty
              where resource in (select resource from metering.dirty limit $1)
              returning resource)
            select resource, line from metering.reading join step using (resource)
            """;
        await using (var command = Command(connection, Waiting, ResourcesAStep))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                resources.Add(rows.GetString(0));
                readings.Add(Block.Reading(rows.GetString(1)));
            }
        }

        if (resources.Count == 0)
        {
            return false;
        }

        await Write(connection, [.. resources], readings.ToLookup(r => r.Resource), ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task Write(
        NpgsqlConnection connection, string[] resources, ILookup<ResourceId, Reading> readings, CancellationToken ct)
    {
        await Run(connection, "delete from metering.segment where resource = any($1)", ct, (object)resources);
        await Run(connection, "delete from metering.daily_total where resource = any($1)", ct, (object)resources);
        foreach (var one in readings)
        {
            foreach (var s in SegmentFold.Of([.. one]))
            {
                await Run(
                    connection, "insert into metering.segment values ($1, $2, $3, $4, $5, $6, $7, $8)", ct,
                    s.Resource.Landlord.Value, s.Resource.Cluster.Value, s.Resource.ToString(), s.Project.Value,
                    s.Period.Start.ToDateTimeUtc(),
                    s.Period.End == Instant.MaxValue ? DBNull.Value : s.Period.End.ToDateTimeUtc(),
                    s.State.ToString(), s.Shape.ToString());
            }

            foreach (var t in SegmentFold.Totals(one))
            {
                await Run(
                    connection, "insert into metering.daily_total values ($1, $2, $3, $4, $5, $6, $7)", ct,
                    t.Resource.Landlord.Value, t.Resource.Cluster.Value, t.Resource.ToString(), t.Project.Value,
                    t.Meter,
                    t.Day.ToDateOnly(), t.Quantity);
            }
        }
    }

    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select resource, project, from_at, to_at, state, shape
            from metering.segment
            where from_at < $1 and (to_at is null or to_at > $2)
              and ($3 = '' or landlord = $3) and ($4 = '' or cluster = $4)
              and ($5 = '' or project = $5) and ($6 = '' or resource = $6)
            order by resource collate "C", from_at
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = Command(
            connection, Sql, query.Period.End.ToDateTimeUtc(), query.Period.Start.ToDateTimeUtc(),
            query.Landlord?.Value ?? "", query.Cluster?.Value ?? "", query.Project?.Value ?? "",
            query.Resource?.ToString() ?? "");
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var start = Instant.FromDateTimeUtc(rows.GetDateTime(2));
            var end = rows.IsDBNull(3) ? query.Period.End : Instant.FromDateTimeUtc(rows.GetDateTime(3));
            if (new Period(start, end).Clip(query.Period) is { } period)
            {
                yield return new(
                    ResourceId.Parse(rows.GetString(0)), new(rows.GetString(1)), period,
                    Enum.Parse<ResourceState>(rows.GetString(4)), Shape.Parse(rows.GetString(5)));
            }
        }
    }

    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        const string Sql = """
            select resource, project, meter, day, quantity
            from metering.daily_total
            where day >= ($2 at time zone 'utc') and day < ($1 at time zone 'utc')
              and ($3 = '' or landlord = $3) and ($4 = '' or cluster = $4)
              and ($5 = '' or project = $5) and ($6 = '' or resource = $6)
            order by resource collate "C", project collate "C", meter collate "C", day
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = Command(
            connection, Sql, query.Period.End.ToDateTimeUtc(), query.Period.Start.ToDateTimeUtc(),
            query.Landlord?.Value ?? "", query.Cluster?.Value ?? "", query.Project?.Value ?? "",
            query.Resource?.ToString() ?? "");
        await using var rows = await command.ExecuteReaderAsync(ct);
        var totals = new List<DailyTotal>();
        while (await rows.ReadAsync(ct))
        {
            totals.Add(new(
                ResourceId.Parse(rows.GetString(0)), new(rows.GetString(1)), rows.GetString(2),
                LocalDate.FromDateOnly(rows.GetFieldValue<DateOnly>(3)), rows.GetDecimal(4)));
        }

        return totals;
    }

    private static async Task Run(
        NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
