using Exchange.Portal.Costs;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>Costs over time: by day where the range is short, else by month, stacked or as lines.</summary>
internal static class CostChart
{
    private const int MaxSeries = 7;
    private const int MaxDays = 62;

    /// <returns>Null where nothing was used.</returns>
    public static async Task<Plot?> Of(
        View view, Composition exchange, CostWalls walls, CostReport report, bool lines, CancellationToken ct)
    {
        var what = report.Query.GroupBy.Where(one => !one.IsTime() && one is not CostDimension.Resource)
            .Select(one => (CostDimension?)one).FirstOrDefault();
        var isShort = NodaTime.Period.DaysBetween(report.Query.Range.From, report.Query.Range.To) <= MaxDays;
        var time = isShort && (walls.Viewer.Pi is not null || what is not (CostDimension.Project or CostDimension.Pi))
            && report.Query.IsCoarse | walls.Viewer.Pi is not null
            ? CostDimension.Day : CostDimension.Month;
        var query = report.Query with
        {
            GroupBy = what is { } one ? [time, one] : [time],
            Compare = null,
        };
        var rows = await CostReport.Read(
            view, exchange, walls, query, exchange.Clock.GetCurrentInstant(), ct);
        if (rows.Count == 0)
        {
            return null;
        }

        var labels = Labels(query.Range, time);
        var titles = new ProjectTitles(rows, what is CostDimension.Project && !walls.IsConfidential ? 1 : -1);
        var groups = rows.GroupBy(row => what is null ? "Cost" : NameOf(row, walls, titles))
            .OrderByDescending(of => of.Sum(row => row.Figures.Cost.Cents)).ToList();
        var series = groups.Take(MaxSeries).Select(of => Line(of.Key, of, labels)).ToList();
        if (groups.Count > MaxSeries)
        {
            series.Add(Line("all others", groups.Skip(MaxSeries).SelectMany(of => of), labels));
        }

        return new(
            "costs-over-time", $"{(walls.IsPayer ? "Paid" : "Cost")} by {time.Name()}, gross", time.Words(),
            [.. labels.Select(Label)], series)
        {
            IsStacked = !lines,
        };
    }

    /// <summary>'Nov 2', or 'Nov 2026'.</summary>
    private static string Label(string key) => BillingMonth.TryParse(key, null, out var month)
        ? Show.Of(month) : Show.Of(NodaTime.Text.LocalDatePattern.Iso.Parse(key).Value);

    private static string NameOf(CostRow row, CostWalls walls, ProjectTitles titles) =>
        titles.Of(row.Title, row.Keys[1]) is { Length: > 0 } name ? name : walls.IsConfidential ? "" : "—";

    private static List<string> Labels(CostRange range, CostDimension time) => time == CostDimension.Day
        ? [.. range.Parts().SelectMany(part => Enumerable.Range(part.From, part.Until - part.From)
            .Select(day => $"{part.Month}-{day + 1:00}"))]
        : [.. range.Parts().Select(part => part.Month.ToString())];

    private static Series Line(string name, IEnumerable<CostRow> rows, List<string> labels)
    {
        var points = rows.GroupBy(row => row.Keys[0]).ToDictionary(
            of => of.Key, of => of.Sum(row => row.Figures.Cost.Cents), StringComparer.Ordinal);
        return new(name, [.. labels.Select(label => points.GetValueOrDefault(label))]);
    }
}
