using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Costs.Changes;

/// <summary>Makes lines of rows of costs, with the resources behind them where those are few enough to know.</summary>
internal sealed class UsedLines(View view, Composition exchange, CostDimension[] dimensions, Instant now)
{
    private const int MaxCharges = 2_000;
    private readonly int _charge = Array.IndexOf(dimensions, CostDimension.Charge);

    public async Task<IReadOnlyList<UsedLine>> Of(
        IReadOnlyList<CostRow> rows, bool withResources, CancellationToken ct)
    {
        var used = rows.Where(row => row.Keys[0] == "usage" && !IsServiceCredit(row)).ToList();
        var resources = withResources && used.Count <= MaxCharges
            ? await new ResourcesBehind(view, exchange, now).Of(
                used.Select(row => (row.Keys[_charge - 1], row.Keys[_charge])), ct)
            : [];
        return [.. used.GroupBy(row => KeyOf(dimensions, row)).Select(of => Line(of.Key, [.. of], resources))];
    }

    /// <summary>What a landlord gives back for a promise that was not kept: nobody used it.</summary>
    public static bool IsServiceCredit(CostRow row) => row.Keys[4] == ServiceLevel.CreditSku.Value;

    public static UsedKey KeyOf(CostDimension[] dimensions, CostRow row)
    {
        var project = Array.IndexOf(dimensions, CostDimension.Project);
        return new(
            row.Keys[2], row.Keys[3], row.Keys[4], row.Keys[5], project < 0 ? "" : row.Keys[project], row.Title);
    }

    private UsedLine Line(
        UsedKey key, IReadOnlyList<CostRow> rows, Dictionary<(string, string), List<UsedResource>> resources)
    {
        var figures = CostFigures.Sum(rows.Select(row => row.Figures));
        var largest = _charge < 0 ? null : rows.MaxBy(row => Math.Abs(row.Figures.Cost.Cents));
        return new(
            key, figures.Cost,
            figures.Usage is [var only] ? only.Amount : figures.Usage.Count == 0 ? 0 : null,
            _charge < 0 ? [] : [.. rows.SelectMany(
                row => resources.GetValueOrDefault((row.Keys[_charge - 1], row.Keys[_charge]), []))],
            largest is null ? null : (largest.Keys[_charge - 1], largest.Keys[_charge]));
    }
}
