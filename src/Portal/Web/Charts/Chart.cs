using System.Globalization;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Web;

/// <summary>
/// Charts drawn by the server as SVG, with the table of the same figures folded up below. Where scripts run, one reads
/// the table and lets its reader point at the chart and leave series out.
/// </summary>
internal static class Chart
{
    public static Html Of(Plot plot) => Parts.Of<PlotFigure>(null, nameof(PlotFigure.Of), plot);

    /// <summary>How much of something is used, as a bar that is also read out.</summary>
    public static Html Gauge(string label, Money used, Money of) => Html.Of($"""
        <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
        aria-label="{label}: {Show.Share(used, of)}"><rect class="rest" width="100" height="6"/>
        <rect class="c0" width="{Part(used.Cents, of.Cents)}" height="6"/></svg>
        """);

    /// <summary>Amounts or counts as bars: a table whose second column is the chart.</summary>
    public static TableOf<T> Bars<T>(
        string caption, IReadOnlyList<T> rows, Column<T> name, Column<T> amount, Func<T, long> length,
        string whenEmpty)
    {
        var most = rows.Select(length).DefaultIfEmpty(0).Max();
        return new(caption, rows, [
            name,
            new("Compared", row => Html.Of($"""
            <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="c0" width="{Part(length(row), most)}" height="6"/></svg>
            """)),
            amount,
        ], whenEmpty);
    }

    /// <summary>In percent; what is there at all is seen.</summary>
    private static string Part(long used, long of) =>
        of <= 0 || used <= 0 ? "0" : Math.Clamp(used * 100 / of, 1, 100).ToString(CultureInfo.InvariantCulture);
}
