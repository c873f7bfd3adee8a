using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>One colour of a stacked chart: its name and an amount for each bar.</summary>
internal sealed record Series(string Name, IReadOnlyList<Money> Amounts);

/// <summary>
/// Charts drawn by the server as SVG, without script. Each stands beside a table of the same figures.
/// </summary>
internal static class Chart
{
    private const int Width = 720;
    private const int Height = 220;
    private const int Left = 64;
    private const int Bottom = 24;
    private const int Top = 10;
    private const int Colours = 8;

    /// <summary>Stacked bars, one for each label, with their scale and legend.</summary>
    public static Html Stacked(string title, IReadOnlyList<string> labels, IReadOnlyList<Series> series)
    {
        var heights = labels.Select((_, i) => series.Sum(s => Math.Max(s.Amounts[i].Cents, 0))).ToList();
        var step = NiceStep(heights.DefaultIfEmpty(0).Max());
        var top = step * 4;
        var wide = (Width - Left - 8m) / Math.Max(labels.Count, 1);

        return Html.Of($"""
            <figure class="chart"><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">
            <title>{title}</title>
            {Html.Join(Enumerable.Range(0, 5), i => Line(i * step, top))}
            {Html.Join(Enumerable.Range(0, labels.Count), i => Bar(labels[i], i, wide, top, series))}
            {Html.Join(Enumerable.Range(0, labels.Count).Where(i => i % Every(labels.Count) == 0), i => Html.Of($"""
            <text class="tick" x="{At(Left + (wide * (i + 0.5m)))}" y="{Height - 6}"
            text-anchor="middle">{labels[i]}</text>
            """))}
            </svg><figcaption>{Html.Join(series.Select((s, i) => (s.Name, i)), s => Html.Of($"""
            <span class="key"><span class="swatch c{s.i % Colours}"></span>{s.Name}</span>
            """))}</figcaption></figure>
            """);
    }

    /// <summary>How much of something is used, as a bar that is also read out.</summary>
    public static Html Gauge(string label, Money used, Money of) => Html.Of($"""
        <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
        aria-label="{label}: {Show.Share(used, of)}"><rect class="rest" width="100" height="6"/>
        <rect class="c0" width="{Part(used, of)}" height="6"/></svg>
        """);

    private static Html Line(long cents, long top) => Html.Of($"""
        <line class="grid" x1="{Left}" x2="{Width - 8}" y1="{Y(cents, top)}" y2="{Y(cents, top)}"/>
        <text class="tick" x="{Left - 6}" y="{At(YOf(cents, top) + 4)}" text-anchor="end">{Dollars(cents)}</text>
        """);

    private static Html Bar(string label, int i, decimal wide, long top, IReadOnlyList<Series> series)
    {
        var bottom = 0L;
        return Html.Join(series.Select((s, n) => (s, n)).Where(x => x.s.Amounts[i].Cents > 0), x =>
        {
            var from = bottom;
            bottom += x.s.Amounts[i].Cents;
            var height = YOf(from, top) - YOf(bottom, top);
            return Html.Of($"""
                <rect class="c{x.n % Colours}" x="{At(Left + (wide * i) + (wide * 0.1m))}" y="{Y(bottom, top)}"
                width="{At(wide * 0.8m)}" height="{At(height)}">
                <title>{label}, {x.s.Name}: {Show.Of(x.s.Amounts[i])}</title></rect>
                """);
        });
    }

    private static decimal YOf(long cents, long top) =>
        Height - Bottom - ((Height - Bottom - Top) * (decimal)cents / Math.Max(top, 1));

    private static string Y(long cents, long top) => At(YOf(cents, top));

    private static string At(decimal point) => point.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Part(Money used, Money of) =>
        of.Cents <= 0 ? "0" : Math.Clamp(used.Cents * 100 / of.Cents, 0, 100).ToString(CultureInfo.InvariantCulture);

    private static int Every(int labels) => labels <= 12 ? 1 : 5;

    private static string Dollars(long cents) => cents % 100 == 0 || cents >= 10_000
        ? $"${cents / 100:#,##0}"
        : string.Create(CultureInfo.InvariantCulture, $"${cents / 100m:0.00}");

    /// <summary>
    /// A quarter of the scale: 1, 2, 2.5 or 5 times a power of ten, so that the lines are at round sums.
    /// </summary>
    private static long NiceStep(long highest)
    {
        for (var power = 1L; ; power *= 10)
        {
            foreach (var step in (long[])[power, power * 2, power * 5 / 2, power * 5])
            {
                if (step > 0 && step * 4 >= Math.Max(highest, 4))
                {
                    return step;
                }
            }
        }
    }
}
