using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>
/// A plot as SVG: scale, bars or lines, and what is expected. Series differ in pattern as well as color.
/// </summary>
internal static class ChartDrawing
{
    private const int Width = 720;
    private const int Height = 220;
    private const int Left = 64;
    private const int Right = 8;
    private const int Bottom = 24;
    private const int Top = 10;

    /// <summary>What lies over the color of each series, on a square of eight.</summary>
    private static readonly string[] Motifs =
    [
        "", "M-2 2l4-4M0 8l8-8M6 10l4-4", "M1 2a1 1 0 1 0 2 0a1 1 0 1 0-2 0M5 6a1 1 0 1 0 2 0a1 1 0 1 0-2 0",
        "M0 2h8M0 6h8", "M-2 6l4 4M0 0l8 8M6-2l4 4", "M2 0v8M6 0v8", "M0 4h8M4 0v8",
        "M0 2l2 2 2-2 2 2 2-2M0 6l2 2 2-2 2 2 2-2",
    ];

    public static Html OutlookSwatch => Html.Of($"""
        <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect class="outlook" x="1" y="1" width="12"
        height="12"/><path class="expected" d="M1 7h12"/></svg>
        """);

    public static Html Swatch(Plot plot, int series) => plot.IsStacked
        ? Html.Of($"""
            <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect fill="url(#{plot.Id}-{Motif(series)})"
            width="14" height="14"/></svg>
            """)
        : Html.Of($"""
            <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><path class="line l{Motif(series)}"
            d="M0 7h14"/></svg>
            """);

    public static Html Of(Plot plot)
    {
        var scale = new Scale(plot);
        return Html.Of($"""
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{plot.Title}">
            {Html.If(plot.IsStacked, () => Html.Of($"""
            <defs>{Html.Join(Enumerable.Range(0, Math.Min(plot.Series.Count, Motifs.Length)), i => Html.Of($"""
            <pattern id="{plot.Id}-{i}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="c{i}" width="8"
            height="8"/><path class="motif" d="{Motifs[i]}"/></pattern>
            """))}</defs>
            """))}{Html.Join(scale.Lines, i => Line(plot, scale, i))}
            {Coming(plot, scale)}{(plot.IsStacked
                ? Html.Join(Enumerable.Range(0, plot.Labels.Count), i => Bar(plot, scale, i))
                : Html.Join(plot.Series.Select((s, i) => (s, i)), s => Path(s.s, scale, s.i)))}
            {Html.Join(Enumerable.Range(0, plot.Labels.Count).Where(i => i % scale.Every == 0), i => Html.Of($"""
            <text class="tick" x="{At(scale.X(i + 0.5m))}" y="{Height - 6}" text-anchor="middle">{plot.Labels[i]}</text>
            """))}</svg>
            """);
    }

    private static Html Line(Plot plot, Scale scale, int step) => Html.Of($"""
        <line class="grid{(step == 0 ? " zero" : "")}" x1="{Left}" x2="{Width - Right}"
        y1="{At(scale.Y(scale.Step * step))}"
        y2="{At(scale.Y(scale.Step * step))}"/><text class="tick" x="{Left - 6}"
        y="{At(scale.Y(scale.Step * step) + 4)}" text-anchor="end">{Tick(plot, scale.Step * step)}</text>
        """);

    private static Html Bar(Plot plot, Scale scale, int label)
    {
        var (above, below) = (0L, 0L);
        return Html.Join(plot.Series.Select((s, n) => (Point: s.At(label), n)).Where(x => x.Point != 0),
            x =>
            {
                var from = x.Point > 0 ? above : below;
                var to = from + x.Point;
                (above, below) = x.Point > 0 ? (to, below) : (above, to);
                var top = scale.Y(Math.Max(from, to));
                return Html.Of($"""
                    <rect fill="url(#{plot.Id}-{Motif(x.n)})" x="{At(scale.X(label + 0.1m))}" y="{At(top)}"
                    width="{At(scale.X(0.8m) - Left)}" height="{At(scale.Y(Math.Min(from, to)) - top)}"/>
                    """);
            });
    }

    private static Html Path(Series series, Scale scale, int n) => Html.Of($"""
        <path class="line l{Motif(n)}" d="{Joined(series.Points.Select((_, i) =>
            (i, series.At(i))), scale)}"/>
        """);

    /// <summary>The band between the least and the most that is expected, and the line in its middle.</summary>
    private static Html Coming(Plot plot, Scale scale)
    {
        if (plot.Outlook is not { } outlook)
        {
            return Html.None;
        }

        var high = outlook.Each.Select((e, i) => (outlook.From + i, e.High.Cents)).ToList();
        var low = outlook.Each.Select((e, i) => (outlook.From + i, e.Low.Cents)).Reverse().ToList();
        var middle = outlook.Each.Select((e, i) => (outlook.From + i, e.Expected.Cents));
        return Html.Of($"""
            <path class="outlook" d="{Joined(high.Concat(low), scale)}z"/>
            <path class="expected" d="{Joined(middle, scale)}"/>
            """);
    }

    private static string Joined(IEnumerable<(int Label, long Cents)> points, Scale scale) => string.Concat(
        points.Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{At(scale.X(p.Label + 0.5m))} {At(scale.Y(p.Cents))}"));

    private static int Motif(int series) => series % Motifs.Length;

    private static string At(decimal point) => point.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Tick(Plot plot, long point) => plot.IsMoney ? Dollars(point) : Show.Of(point);

    private static string Dollars(long cents) => cents < 0 ? $"−{Dollars(-cents)}"
        : cents % 100 == 0 || cents >= 10_000 ? string.Create(CultureInfo.InvariantCulture, $"${cents / 100:#,##0}")
        : string.Create(CultureInfo.InvariantCulture, $"${cents / 100m:0.00}");

    /// <summary>Where labels and amounts lie.</summary>
    private sealed class Scale
    {
        private const int Steps = 4;
        private readonly int _labels;

        /// <summary>How many lines are below nothing.</summary>
        private readonly long _below;

        /// <summary>Goes through the plot once, and not again for each bar.</summary>
        public Scale(Plot plot)
        {
            _labels = plot.Labels.Count;
            Step = NiceStep(plot.Highest, -plot.Lowest);
            _below = Up(-plot.Lowest, Step);
        }

        /// <summary>
        /// From line to line: 1, 2, 2.5 or 5 times a power of ten, so that the lines are at round sums.
        /// </summary>
        public long Step { get; }

        /// <summary>The lines, in steps from nothing; some are below where something is.</summary>
        public IEnumerable<int> Lines => Enumerable.Range(-(int)_below, Steps + 1);

        /// <summary>Of many labels only some are written.</summary>
        public int Every => _labels <= 12 ? 1 : 5;

        public decimal X(decimal label) => Left + ((Width - Left - Right) * label / Math.Max(_labels, 1));

        public decimal Y(long cents) => Height - Bottom -
            ((Height - Bottom - Top) * (decimal)(cents + (_below * Step)) / (Step * Steps));

        private static long Up(long length, long step) => (length + step - 1) / step;

        private static long NiceStep(long above, long below)
        {
            for (var power = 1L; ; power *= 10)
            {
                foreach (var step in (long[])[power, power * 2, power * 5 / 2, power * 5])
                {
                    if (step >= 1 && Up(above, step) + Up(below, step) <= Steps && step * Steps >= 4)
                    {
                        return step;
                    }
                }
            }
        }
    }
}
