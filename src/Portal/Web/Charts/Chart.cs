using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>
/// Charts drawn by the server as SVG, with the table of the same figures folded up below. Where scripts run, one reads
/// the table and lets its reader point at the chart and leave series out.
/// </summary>
internal static class Chart
{
    public static Html Of(Plot plot) => Html.Of($"""
        <figure class="chart" id="{plot.Id}" data-kind="{(plot.IsStacked ? "bars" : "lines")}"
        data-unit="{(plot.IsMoney ? "$" : "")}">
        <div class="plot" role="region" tabindex="0" aria-label="Chart: {plot.Title}">{ChartDrawing.Of(plot)}</div>
        <figcaption>{Html.Join(plot.Series.Select((s, i) => (s.Name, i)), s => Html.Of($"""
        <span class="key" data-series="{s.i}">{ChartDrawing.Swatch(plot, s.i)}{s.Name}</span>
        """))}{Html.If(plot.Outlook is not null, () => Html.Of($"""
        <span class="key">{ChartDrawing.OutlookSwatch}Forecast (low to high)</span>
        """))}</figcaption>
        <details><summary>View as table</summary>{Figures(plot)}</details></figure>
        """).Needing(PageNeeds.Charts);

    /// <summary>How much of something is used, as a bar that is also read out.</summary>
    public static Html Gauge(string label, Money used, Money of) => Html.Of($"""
        <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
        aria-label="{label}: {Show.Share(used, of)}"><rect class="rest" width="100" height="6"/>
        <rect class="c0" width="{Part(used.Cents, of.Cents)}" height="6"/></svg>
        """);

    /// <summary>Amounts or counts as bars: a table whose second column is the chart.</summary>
    public static Html Bars<T>(
        string caption, IReadOnlyList<T> rows, Column<T> name, Column<T> amount, Func<T, long> length,
        string whenEmpty)
    {
        var most = rows.Select(length).DefaultIfEmpty(0).Max();
        return Table.Of(caption, rows, [
            name,
            new("Compared", row => Html.Of($"""
            <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="c0" width="{Part(length(row), most)}" height="6"/></svg>
            """)),
            amount,
        ], whenEmpty);
    }

    private static Html Figures(Plot plot)
    {
        var together = plot.IsStacked && plot.Series.Count > 1;
        return Html.Of($"""
            <div class="scroll" role="region" tabindex="0" aria-label="{plot.Title}"><table>
            <caption>{plot.Title}</caption><thead><tr><th scope="col">{plot.Along}</th>
            {Html.Join(plot.Series, s => Html.Of($"""<th scope="col" class="n" data-series>{s.Name}</th>"""))}
            {Html.If(together, () => Html.Of($"""<th scope="col" class="n">Total</th>"""))}
            {Html.If(plot.Outlook is not null, () => Html.Of($"""
            <th scope="col" class="n" data-low>At least</th><th scope="col" class="n" data-expected>Expected</th>
            <th scope="col" class="n" data-high>At most</th>
            """))}</tr></thead><tbody>{Html.Join(Enumerable.Range(0, plot.Labels.Count), i => Html.Of($"""
            <tr><th scope="row">{plot.Labels[i]}</th>{Html.Join(plot.Series, s =>
                Cell(i < s.Points.Count ? plot.Written(s.Points[i]) : ""))}{Html.If(together, () =>
                Cell(plot.Written(plot.Series.Sum(s => s.At(i)))))}{Expected(plot, i)}</tr>

            """))}</tbody></table></div>
            """);
    }

    private static Html Expected(Plot plot, int label) => Html.If(plot.Outlook is not null, () =>
        Html.Join((Money?[])[plot.ExpectedAt(label)?.Low, plot.ExpectedAt(label)?.Expected,
            plot.ExpectedAt(label)?.High], amount => Cell(amount is { } known ? Show.Of(known) : "")));

    private static Html Cell(string text) => Html.Of($"""<td class="n">{text}</td>""");

    /// <summary>In percent; what is there at all is seen.</summary>
    private static string Part(long used, long of) =>
        of <= 0 || used <= 0 ? "0" : Math.Clamp(used * 100 / of, 1, 100).ToString(CultureInfo.InvariantCulture);
}
