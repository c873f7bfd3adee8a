using Exchange.Invoicing;
using Exchange.Invoicing.Settlements;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Costs;

/// <summary>A group of costs, and what the same came to in the period that it is compared with.</summary>
/// <param name="Before">Null where nothing is compared.</param>
internal sealed record ComparedCost(CostRow Row, CostFigures? Before)
{
    public Money? Change => Before is { } before ? Row.Figures.Net - before.Net : null;
}

/// <summary>An answer of the explorer.</summary>
/// <param name="AsOf">When the open months in it were last rated; null where all are closed.</param>
/// <param name="Open">The months in it that can still change.</param>
internal sealed record CostReport(
    CostQuery Query, IReadOnlyList<ComparedCost> Rows, CostFigures Total, CostFigures? Before, Instant? AsOf,
    IReadOnlyList<BillingMonth> Open)
{
    /// <exception cref="RefusedException">It cannot be answered, or is not theirs to ask.</exception>
    public static async Task<CostReport> Run(
        View view, Composition exchange, CostWalls walls, CostQuery query, Instant now, CancellationToken ct)
    {
        query.Check(walls);
        var rows = await Read(view, exchange, walls, query, now, ct);
        var rated = (await MonthSpend.Months(view, ct)).Where(
            month => query.Range.Parts().Any(part => part.Month == month.Month && !month.IsClosed)).ToList();
        if (rows.Count == 0)
        {
            await query.CheckNames(new(exchange, walls.Viewer, view), ct);
        }

        var before = query.Compare is { } compared
            ? await Read(view, exchange, walls, query with { Range = compared, Compare = null }, now, ct)
            : null;
        return new(
            query,
            before is null ? [.. rows.Select(row => new ComparedCost(row, null))] : Compared(query, rows, before),
            CostFigures.Sum(rows.Select(row => row.Figures)),
            before is null ? null : CostFigures.Sum(before.Select(row => row.Figures)),
            rated.Count == 0 ? null : rated.Min(month => month.At), [.. rated.Select(month => month.Month).Order()]);
    }

    /// <summary>The groups alone, under the names by which the viewer may know them.</summary>
    public static async Task<IReadOnlyList<CostRow>> Read(
        View view, Composition exchange, CostWalls walls, CostQuery query, Instant now, CancellationToken ct)
    {
        var rows = query.Has(CostDimension.Resource)
            ? await ResourceCosts.Run(view, exchange, walls, query, now, ct)
            : await ReadCosts.Run(view, walls, query, ct);
        return walls.IsConfidential ? await Unnamed(exchange, walls, query, rows, ct) : rows;
    }

    /// <summary>A landlord that may not know its customers sees one keyed name of each.</summary>
    private static async Task<IReadOnlyList<CostRow>> Unnamed(
        Composition exchange, CostWalls walls, CostQuery query, IReadOnlyList<CostRow> rows, CancellationToken ct)
    {
        var names = await Pseudonyms.Of(exchange.Journal, walls.Viewer.Landlord!.Value, ct);
        var (pi, project) = (
            query.GroupBy.ToList().IndexOf(CostDimension.Pi), query.GroupBy.ToList().IndexOf(CostDimension.Project));
        return
        [
            .. rows.Select(row =>
            {
                string[] keys = [.. row.Keys];
                if (pi >= 0)
                {
                    keys[pi] = names.Of(keys[pi].Length == 0 ? Account.Suspense : new Account(new PiId(keys[pi])));
                }

                return row with { Keys = keys, Title = project >= 0 ? keys[project] : "" };
            }),
        ];
    }

    /// <summary>Both periods side by side: a month is compared with the one as far from the beginning.</summary>
    private static List<ComparedCost> Compared(
        CostQuery query, IReadOnlyList<CostRow> rows, IReadOnlyList<CostRow> before)
    {
        var month = query.GroupBy.ToList().IndexOf(CostDimension.Month);
        var months = CostRange.Months(query.Compare!.From, query.Range.From);
        var earlier = before.Select(row => month < 0 ? row : row with
        {
            Keys = [.. row.Keys.Select((key, i) => i == month ? $"{BillingMonth.Parse(key).Plus(months)}" : key)],
        }).ToDictionary(row => Name(row.Keys), StringComparer.Ordinal);
        var found = rows.Select(row => new ComparedCost(
            row, earlier.Remove(Name(row.Keys), out var was) ? was.Figures : CostFigures.None)).ToList();
        found.AddRange(earlier.Values.Select(gone => new ComparedCost(
            gone with { Figures = CostFigures.None }, gone.Figures)));
        return [.. found.OrderBy(one => Name(one.Row.Keys), StringComparer.Ordinal)];

        static string Name(IReadOnlyList<string> keys) => string.Join('\u001f', keys);
    }
}
