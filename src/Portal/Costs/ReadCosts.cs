using Npgsql;

namespace Exchange.Portal.Costs;

/// <summary>
/// Adds up costs of a range as they were billed, and of open months as they were last rated: whole months from sums,
/// parts of months by the days of each charge, so that every cent is on one day.
/// </summary>
internal static class ReadCosts
{
    public static async Task<IReadOnlyList<CostRow>> Run(
        View view, CostWalls walls, CostQuery query, CancellationToken ct)
    {
        var (rows, sources) = (new CostRows(), new CostSources(walls, query));
        var parts = query.Range.Parts();
        var whole = query.Has(CostDimension.Day) ? [] : parts.Where(part => part.IsWhole).ToList();
        if (whole.Count > 0)
        {
            await Whole(view, sources, whole, rows, ct);
        }

        foreach (var part in parts.Except(whole))
        {
            await Days(view, sources, part, rows, query, ct);
        }

        var all = rows.All;
        return walls.IsPayer ? [.. all.Select(AsPaid)] : all;
    }

    /// <summary>What a payer pays for others is its cost.</summary>
    private static CostRow AsPaid(CostRow row) => row with
    {
        Figures = row.Figures with { Cost = -row.Figures.Credits, Credits = Money.Zero },
    };

    private static async Task Whole(
        View view, CostSources sources, List<MonthPart> months, CostRows rows, CancellationToken ct)
    {
        var from = sources.From(months.Select(part => part.Month), withDays: false);
        var sql = $"""
            select {sources.Selected} unit, {sources.Title}, sum(quantity),
                   coalesce(sum(cents) filter (where class <> 'credit'), 0)::bigint,
                   coalesce(sum(cents) filter (where class = 'credit'), 0)::bigint
            {from}
            group by {sources.Grouped} unit
            """;
        await using var command = await sources.Command(view, sql, ct);
        await using var read = await command.ExecuteReaderAsync(ct);
        var n = sources.Columns.Count;
        while (await read.ReadAsync(ct))
        {
            rows[sources.Keys(read), read.GetString(n + 1)].Add(
                read.GetInt64(n + 3), read.GetInt64(n + 4), read.GetString(n), read.GetDecimal(n + 2));
        }
    }

    private static async Task Days(
        View view, CostSources sources, MonthPart part, CostRows rows, CostQuery query, CancellationToken ct)
    {
        var from = sources.From([part.Month], withDays: true);
        var sql = sources.IsCoarse
            ? $"select {sources.Selected} unit, '', class, day_cents, day_quantity {from}"
            : $"select {sources.Selected} unit, project_name, class, cents, quantity, weights {from}";
        await using var command = await sources.Command(view, sql, ct);
        await using var read = await command.ExecuteReaderAsync(ct);
        var (n, day) = (sources.Columns.Count, query.GroupBy.ToList().IndexOf(CostDimension.Day));
        while (await read.ReadAsync(ct))
        {
            var (keys, unit, title) = (sources.Keys(read), read.GetString(n), Title(read, n, query));
            var isCredit = read.GetString(n + 2) == "credit";
            var (cents, quantities) = sources.IsCoarse
                ? (read.GetFieldValue<long[]>(n + 3), read.GetFieldValue<decimal[]>(n + 4))
                : DaysOfCharge.Share(
                    read.GetInt64(n + 3), read.GetDecimal(n + 4), read.GetFieldValue<int[]>(n + 5));
            for (var at = part.From; at < part.Until; at++)
            {
                var one = keys;
                if (day >= 0)
                {
                    one = [.. keys];
                    one[day] = $"{part.Month}-{at + 1:00}";
                }

                rows[one, title].Add(isCredit ? 0 : cents[at], isCredit ? cents[at] : 0, unit, quantities[at]);
            }
        }
    }

    private static string Title(NpgsqlDataReader read, int n, CostQuery query) =>
        query.Has(CostDimension.Project) ? read.GetString(n + 1) : "";
}
