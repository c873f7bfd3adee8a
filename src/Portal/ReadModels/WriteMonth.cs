using System.Text.Json;
using Exchange.Journal;
using Exchange.Portal.Spend;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.ReadModels;

/// <summary>What is kept of a month beside its charges: when it was rated, from what, and whether for good.</summary>
/// <param name="Basis">What it was rated from: the same basis gives the same charges.</param>
internal sealed record MonthRating(BillingMonth Month, string Basis, Instant At)
{
    public bool IsClosed { get; init; }

    /// <summary>How much of its usage has no price.</summary>
    public long Unpriced { get; init; }
}

/// <summary>Writes the charges of a month for pages and the API, in place of what was written of it before.</summary>
internal static class WriteMonth
{
    /// <summary>The tables that hold a month, each row with its month.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        ["charge", "day", "landlord_day", "sold", "costly", "gpu_held", "charge_day"];

    /// <param name="charges">Gone through twice.</param>
    /// <param name="weights">How each charge lies over its days; on its first where it is not known.</param>
    public static async Task Run(
        NpgsqlDataSource database, MonthRating rating, IEnumerable<ShownCharge> charges, IEnumerable<DaySpend> days,
        MonthUse use, CancellationToken ct, Func<ShownCharge, int[]?>? weights = null)
    {
        var month = rating.Month;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute("select pg_advisory_xact_lock(hashtext('exchange.charge ' || " +
            "$1))", [month.ToString()], ct);
        foreach (var table in Tables.Append("rated"))
        {
            await connection.Execute($"delete from exchange.{table} where month = $1", [month.ToString()], ct);
        }

        await CopyCharges(connection, charges, ct);
        await WriteCostDays.Run(connection, month, charges, weights ?? (_ => null), ct);
        await CopyDays(connection, month, days, ct);
        await WriteUse.Run(connection, month, use, ct);
        await AddUp(connection, rating, ct);
        await connection.Execute(
            "update exchange.rated set digests = $2::jsonb where month = $1",
            [month.ToString(), JsonSerializer.Serialize(await Digests(connection, month, ct))], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>A hash of the rows of a month, by table.</summary>
    public static async Task<SortedDictionary<string, string>> Digests(
        NpgsqlConnection connection, BillingMonth month, CancellationToken ct)
    {
        await connection.Execute("set local timezone to 'UTC'", [], ct);
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (table, row) in Tables.Select(table => (table, "t::text")).Append(
            ("rated", "concat_ws(' ', rated_at, closed, charges, cents, unpriced, basis)")))
        {
            await using var command = connection.Statement($"""
                select coalesce(md5(string_agg(md5({row}), '' order by md5({row}))), '')
                from exchange.{table} t
                where month = $1
                """, [month.ToString()]);
            command.CommandTimeout = 0;
            digests[table] = (string)(await command.ExecuteScalarAsync(ct))!;
        }

        return digests;
    }

    private static async Task CopyCharges(
        NpgsqlConnection connection, IEnumerable<ShownCharge> charges, CancellationToken ct)
    {
        const string Copy = """
            copy exchange.charge (
              month, id, landlord, service, cluster, project, project_name, pi, institution, sku,
              quantity, unit, rate, cents, avoided, sheet, from_at, to_at)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var c in charges)
        {
            await rows.StartRowAsync(ct);
            foreach (var text in (string[])[
                c.Month.ToString(), c.Id, c.Landlord.Value, c.Service, c.Cluster.Value, c.Project.Value, c.ProjectName,
                c.Pi?.Value ?? "", c.Institution ?? "", c.Sku.Value])
            {
                await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
            }

            await rows.WriteAsync(c.Quantity.Amount, NpgsqlDbType.Numeric, ct);
            await rows.WriteAsync(c.Quantity.Unit.Name, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(c.Rate.Amount, NpgsqlDbType.Numeric, ct);
            await rows.WriteAsync(c.Amount.Cents, NpgsqlDbType.Bigint, ct);
            if (c.Avoided is { } avoided)
            {
                await rows.WriteAsync(avoided.Cents, NpgsqlDbType.Bigint, ct);
            }
            else
            {
                await rows.WriteNullAsync(ct);
            }

            await rows.WriteAsync(c.Sheet, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(c.Period.Start, NpgsqlDbType.TimestampTz, ct);
            await rows.WriteAsync(c.Period.End, NpgsqlDbType.TimestampTz, ct);
        }

        await rows.CompleteAsync(ct);
    }

    private static async Task CopyDays(
        NpgsqlConnection connection, BillingMonth month, IEnumerable<DaySpend> days, CancellationToken ct)
    {
        const string Copy = "copy exchange.day (month, day, landlord, service, pi, cents) from stdin (format binary)";

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var same in days.GroupBy(d => (d.Day, d.Landlord, d.Service, Pi: d.Pi?.Value ?? "")))
        {
            await rows.StartRowAsync(ct);
            await rows.WriteAsync(month.ToString(), NpgsqlDbType.Text, ct);
            await rows.WriteAsync(same.Key.Day, NpgsqlDbType.Date, ct);
            await rows.WriteAsync(same.Key.Landlord.Value, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(same.Key.Service, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(same.Key.Pi, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(Money.Sum(same.Select(d => d.Amount)).Cents, NpgsqlDbType.Bigint, ct);
        }

        await rows.CompleteAsync(ct);
    }

    private static async Task AddUp(NpgsqlConnection connection, MonthRating rating, CancellationToken ct)
    {
        const string Sold = """
            insert into exchange.sold (month, landlord, service, sku, quantity, unit, cents, avoided, charges, projects)
            select month, landlord, service, sku, round(sum(quantity), 9), unit, sum(cents), sum(coalesce(avoided, 0)),
                   count(*), count(distinct (cluster, project))
            from exchange.charge
            where month = $1
            group by month, landlord, service, sku, unit
            """;
        const string LandlordDays = """
            insert into exchange.landlord_day (month, landlord, service, day, cents)
            select month, landlord, service, day, sum(cents)
            from exchange.day
            where month = $1
            group by month, landlord, service, day
            """;
        const string Rated = """
            insert into exchange.rated (month, rated_at, closed, charges, cents, unpriced, basis)
            select $1, $2, $3, coalesce(sum(charges), 0), coalesce(sum(cents), 0), $4, $5
            from exchange.sold
            where month = $1
            """;

        var month = rating.Month.ToString();
        await connection.Execute(Sold, [month], ct);
        await connection.Execute(LandlordDays, [month], ct);
        await connection.Execute(Rated, [month, rating.At, rating.IsClosed, rating.Unpriced, rating.Basis], ct);
    }
}
