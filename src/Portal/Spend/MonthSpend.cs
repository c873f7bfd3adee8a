using NodaTime;
using Npgsql;

namespace Exchange.Portal.Spend;

/// <summary>Sums of a month that first pages show. Every one is read from few rows.</summary>
internal static class MonthSpend
{
    /// <summary>What a project used of a service.</summary>
    public sealed record OfProject(
        ClusterId Cluster, ProjectId Project, string Name, string Service, LandlordId Landlord, Money Amount,
        long Lines);

    /// <summary>What a landlord sold, or a PI used, of a SKU.</summary>
    public sealed record OfSku(
        LandlordId Landlord, string Service, SkuId Sku, Quantity Quantity, Money Amount, Money Avoided, long Charges,
        long Projects);

    /// <summary>When a month was last rated, whether for good, and what it came to.</summary>
    public sealed record Rated(BillingMonth Month, Instant At, bool IsClosed, long Charges, Money Amount,
        long Unpriced)
    {
        /// <summary>Whether it was rated after it was over, and can be held against another month.</summary>
        public bool IsWhole => IsClosed || At >= Month.End;
    }

    public static async Task<IReadOnlyList<OfProject>> Projects(
        View view, BillingMonth month, PiId pi, CancellationToken ct)
    {
        const string Sql = """
            select cluster, project, max(project_name), service, landlord, sum(cents)::bigint, count(*)
            from exchange.charge
            where month = $1 and pi = $2
            group by cluster, project, service, landlord
            order by sum(cents) desc, cluster, project, service
            limit 2000
            """;

        return await Read(view, Sql, [month.ToString(), pi.Value], rows => new OfProject(
            new(rows.GetString(0)), new(rows.GetString(1)), rows.GetString(2), rows.GetString(3),
            new(rows.GetString(4)),
            new(rows.GetInt64(5)), rows.GetInt64(6)), ct);
    }

    /// <summary>What a PI used in a month that is over; null where it was not rated since.</summary>
    public static Task<Money?> Whole(View view, Rated? month, PiId pi, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(sum(cents), 0)::bigint
            from exchange.charge
            where month = $1 and pi = $2
            """;

        return Whole(view, Sql, month, pi.Value, ct);
    }

    /// <summary>What a landlord sold in a month that is over; null where it was not rated since.</summary>
    public static Task<Money?> WholeSold(View view, Rated? month, LandlordId landlord, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(sum(cents), 0)::bigint
            from exchange.sold
            where month = $1 and landlord = $2
            """;

        return Whole(view, Sql, month, landlord.Value, ct);
    }

    private static async Task<Money?> Whole(View view, string sql, Rated? month, string whose, CancellationToken ct) =>
        month is { IsWhole: true }
            ? (await Read(view, sql, [month.Month.ToString(), whose], rows => new Money(rows.GetInt64(0)), ct)).Single()
            : null;

    /// <summary>What a PI used of each SKU, in every project.</summary>
    public static async Task<IReadOnlyList<OfSku>> Skus(View view, BillingMonth month, PiId pi, CancellationToken ct)
    {
        const string Sql = """
            select landlord, service, sku, round(sum(quantity), 9), unit, sum(cents)::bigint,
                   sum(coalesce(avoided, 0))::bigint, count(*), count(distinct (cluster, project))
            from exchange.charge
            where month = $1 and pi = $2
            group by landlord, service, sku, unit
            order by sum(cents) desc, landlord, service, sku, unit
            limit 2000
            """;

        return await Read(view, Sql, [month.ToString(), pi.Value], ReadSku, ct);
    }

    public static async Task<IReadOnlyList<DaySpend>> DaysOf(
        View view, BillingMonth month, PiId pi, CancellationToken ct)
    {
        const string Sql = """
            select day, landlord, service, cents
            from exchange.day
            where month = $1 and pi = $2
            order by day, landlord, service
            limit 20000
            """;

        return await Read(view, Sql, [month.ToString(), pi.Value], rows => ReadDay(rows, pi), ct);
    }

    /// <param name="landlord">Whose sales; null for everybody's, which only finance asks for.</param>
    public static async Task<IReadOnlyList<DaySpend>> DaysSold(
        View view, BillingMonth month, LandlordId? landlord, CancellationToken ct)
    {
        const string Sql = """
            select day, landlord, service, cents
            from exchange.landlord_day
            where month = $1 and ($2::text is null or landlord = $2)
            order by day, landlord, service
            limit 20000
            """;

        return await Read(view, Sql, [month.ToString(), landlord?.Value], rows => ReadDay(rows, null), ct);
    }

    private static DaySpend ReadDay(NpgsqlDataReader rows, PiId? pi) => new(
        rows.GetFieldValue<LocalDate>(0), new(rows.GetString(1)), rows.GetString(2), pi,
        new(rows.GetInt64(3)));

    public static async Task<IReadOnlyList<OfSku>> Sold(
        View view, BillingMonth month, LandlordId? landlord, CancellationToken ct)
    {
        const string Sql = """
            select landlord, service, sku, round(quantity, 9), unit, cents, avoided, charges, projects
            from exchange.sold
            where month = $1 and ($2::text is null or landlord = $2)
            order by landlord, service, cents desc, sku
            limit 5000
            """;

        return await Read(view, Sql, [month.ToString(), landlord?.Value], ReadSku, ct);
    }

    /// <summary>A sum of decimals may have more digits than a decimal; what is shown needs nine.</summary>
    private static OfSku ReadSku(NpgsqlDataReader rows) => new(
        new(rows.GetString(0)), rows.GetString(1), new(rows.GetString(2)),
        new(rows.GetDecimal(3), new(rows.GetString(4))), new(rows.GetInt64(5)), new(rows.GetInt64(6)),
        rows.GetInt64(7), rows.GetInt64(8));

    public static async Task<IReadOnlyList<Rated>> Months(View view, CancellationToken ct)
    {
        const string Sql = """
            select month, rated_at, closed, charges, cents, unpriced
            from exchange.rated
            order by month desc
            limit 240
            """;

        return await Read(view, Sql, [], rows => new Rated(
            BillingMonth.Parse(rows.GetString(0)), rows.GetFieldValue<Instant>(1), rows.GetBoolean(2),
            rows.GetInt64(3), new(rows.GetInt64(4)), rows.GetInt64(5)), ct);
    }

    private static async Task<IReadOnlyList<T>> Read<T>(
        View view, string sql, string?[] values, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = await view.Command(sql, ct);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value, DataTypeName = "text" });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<T>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(read(rows));
        }

        return found;
    }
}
