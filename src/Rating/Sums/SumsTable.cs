using Exchange.Journal;
using Npgsql;

namespace Exchange.Rating;

/// <summary>From when until when a page has usage, in microseconds.</summary>
internal readonly record struct PageExtent(int Page, long Changed, long From, long To);

/// <summary>What a page adds to a month, by which change of it and until when.</summary>
internal sealed record PageSum(int Page, long Changed, long AsOf, byte[] Body);

/// <summary>What is kept of a month beside its pages.</summary>
/// <param name="Version">0 where nothing is kept.</param>
internal sealed record KeptMonth(long Version, long AsOf, MonthBasis Basis);

/// <summary>The tables of sums of pages.</summary>
internal sealed class SumsTable(NpgsqlDataSource database, BillingMonth month, string policies)
{
    public async Task<KeptMonth> Month(CancellationToken ct)
    {
        await using var command = database.Statement(
            "select version, as_of_us, prices, owners from rating.month where month = $1 and policies = $2",
            [month.ToString(), policies]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct)
            ? new(rows.GetInt64(0), rows.GetInt64(1), MonthBasis.Kept(
                rows.GetFieldValue<string[]>(2), rows.GetFieldValue<string[]>(3)))
            : new(0, 0, new([], []));
    }

    /// <summary>The change and the end of usage by which each page was rated.</summary>
    public async Task<Dictionary<int, (long Changed, long AsOf)>> Pages(CancellationToken ct)
    {
        await using var command = database.Statement(
            "select page, changed, as_of_us from rating.page where month = $1 and policies = $2",
            [month.ToString(), policies]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var pages = new Dictionary<int, (long, long)>();
        while (await rows.ReadAsync(ct))
        {
            pages[rows.GetInt32(0)] = (rows.GetInt64(1), rows.GetInt64(2));
        }

        return pages;
    }

    public static async Task<Dictionary<int, PageExtent>> Extents(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.Statement("select page, changed, from_us, to_us from rating.extent", []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var extents = new Dictionary<int, PageExtent>();
        while (await rows.ReadAsync(ct))
        {
            var extent = new PageExtent(rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3));
            extents[extent.Page] = extent;
        }

        return extents;
    }

    /// <summary>Keeps what was found, unless somebody else kept something meanwhile.</summary>
    /// <param name="gone">Pages of which nothing counts any more.</param>
    public async Task<bool> Write(
        KeptMonth before, KeptMonth now, IReadOnlyList<PageSum> sums, IReadOnlyCollection<PageExtent> extents,
        int[] gone, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await Claim(connection, before, now, ct) == 0)
        {
            return false;
        }

        await connection.Execute(
            "delete from rating.page where month = $1 and policies = $2 and page = any($3)",
            [month.ToString(), policies, gone], ct);
        await WriteExtents(connection, extents, ct);
        const string Sums = """
            insert into rating.page (month, policies, page, changed, as_of_us, body)
            select $1, $2, * from unnest($3, $4, $5, $6)
            on conflict (month, policies, page)
            do update set changed = excluded.changed, as_of_us = excluded.as_of_us, body = excluded.body
            """;
        foreach (var part in sums.Chunk(256))
        {
            await connection.Execute(Sums, [
                month.ToString(), policies, part.Select(sum => sum.Page).ToArray(),
                part.Select(sum => sum.Changed).ToArray(), part.Select(sum => sum.AsOf).ToArray(),
                part.Select(sum => sum.Body).ToArray()], ct);
        }

        await transaction.CommitAsync(ct);
        return true;
    }

    public static async Task Write(
        NpgsqlDataSource database, IReadOnlyCollection<PageExtent> extents, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await WriteExtents(connection, extents, ct);
    }

    /// <summary>Tells what each page adds, and says of which version of the month it is.</summary>
    public async Task<long> Read(Action<byte[]> onPage, CancellationToken ct)
    {
        const string Sql = "select body from rating.page where month = $1 and policies = $2 order by page";
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, ct);
        long version;
        await using (var command = connection.Statement(
            "select version from rating.month where month = $1 and policies = $2", [month.ToString(), policies]))
        {
            version = await command.ExecuteScalarAsync(ct) is long kept ? kept : 0;
        }

        await using var read = connection.Statement(Sql, [month.ToString(), policies]);
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            onPage(rows.GetFieldValue<byte[]>(0));
        }

        return version;
    }

    /// <summary>What some pages add by now.</summary>
    public async Task<IReadOnlyList<byte[]>> Bodies(IReadOnlyCollection<int> pages, CancellationToken ct)
    {
        await using var command = database.Statement(
            "select body from rating.page where month = $1 and policies = $2 and page = any($3)",
            [month.ToString(), policies, pages.ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var bodies = new List<byte[]>();
        while (await rows.ReadAsync(ct))
        {
            bodies.Add(rows.GetFieldValue<byte[]>(0));
        }

        return bodies;
    }

    private async Task<int> Claim(NpgsqlConnection connection, KeptMonth before, KeptMonth now, CancellationToken ct)
    {
        const string New = """
            insert into rating.month (month, policies, version, as_of_us, prices, owners)
            values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing
            """;
        const string Next = """
            update rating.month set version = $3, as_of_us = $4, prices = $5, owners = $6
            where month = $1 and policies = $2 and version = $7
            """;
        object[] values =
        [
            month.ToString(), policies, now.Version, now.AsOf, now.Basis.Prices.ToArray(), now.Basis.Owners.ToArray(),
        ];
        return before.Version == 0
            ? await connection.Execute(New, values, ct)
            : await connection.Execute(Next, [.. values, before.Version], ct);
    }

    private static async Task WriteExtents(
        NpgsqlConnection connection, IReadOnlyCollection<PageExtent> extents, CancellationToken ct)
    {
        const string Sql = """
            insert into rating.extent (page, changed, from_us, to_us)
            select * from unnest($1, $2, $3, $4)
            on conflict (page) do update
            set changed = excluded.changed, from_us = excluded.from_us, to_us = excluded.to_us
            where excluded.changed >= rating.extent.changed
            """;
        PageExtent[] sorted = [.. extents.OrderBy(extent => extent.Page)]; // All writers in one order.
        await connection.Execute(Sql, [
            sorted.Select(extent => extent.Page).ToArray(), sorted.Select(extent => extent.Changed).ToArray(),
            sorted.Select(extent => extent.From).ToArray(), sorted.Select(extent => extent.To).ToArray()], ct);
    }
}
