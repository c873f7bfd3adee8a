using System.Globalization;

namespace Exchange.Portal.Web.Components;

/// <summary>
/// A plot as SVG: scale, bars or lines, and what is expected. Series differ in pattern as well as color.
/// </summary>
public sealed partial class PlotDrawing
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

    private Scale _scale = null!;

    /// <summary>A line of the grid, with its amount beside it.</summary>
    private sealed record GridLine(string Kind, decimal Y, string Amount);

    /// <summary>A part of a bar: of which series, and where it lies.</summary>
    private sealed record BarPart(string Fill, decimal X, decimal Y, decimal Width, decimal Height);

    /// <summary>With what the bars of a series are filled.</summary>
    internal static string Fill(Plot plot, int series) => $"url(#{plot.Id}-{Motif(series)})";

    internal static int Motif(int series) => series % Motifs.Length;

    private IEnumerable<GridLine> Grid() => _scale.Lines.Select(step => new GridLine(
        step == 0 ? "grid zero" : "grid", _scale.Y(_scale.Step * step), Tick(_scale.Step * step)));

    /// <summary>What stands on each other at a label, and what hangs below.</summary>
    private IEnumerable<BarPart> Bar(int label)
    {
        var (above, below) = (0L, 0L);
        foreach (var (n, series) in Of.Series.Index())
        {
            if (series.At(label) is not 0 and var point)
            {
                var from = point > 0 ? above : below;
                var to = from + point;
                (above, below) = point > 0 ? (to, below) : (above, to);
                var top = _scale.Y(Math.Max(from, to));
                yield return new(
                    Fill(Of, n), _scale.X(label + 0.1m), top, _scale.X(0.8m) - Left,
                    _scale.Y(Math.Min(from, to)) - top);
            }
        }
    }

    private string Line(Series series) => Joined(series.Points.Select((_, i) => (i, series.At(i))));

    /// <summary>The band between the least and the most that is expected.</summary>
    private string Band(Outlook outlook)
    {
        var high = outlook.Each.Select((e, i) => (outlook.From + i, e.High.Cents));
        var low = outlook.Each.Select((e, i) => (outlook.From + i, e.Low.Cents)).Reverse();
        return $"{Joined(high.Concat(low))}z";
    }

    private string Middle(Outlook outlook) =>
        Joined(outlook.Each.Select((e, i) => (outlook.From + i, e.Expected.Cents)));

    private string Joined(IEnumerable<(int Label, long Cents)> points) => string.Concat(
        points.Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{At(_scale.X(p.Label + 0.5m))} {At(_scale.Y(p.Cents))}"));

    private static string At(decimal point) => point.ToString("0.##", CultureInfo.InvariantCulture);

    private string Tick(long point) => Of.IsMoney ? Dollars(point) : Show.Of(point);

    private static string Dollars(long cents) => cents < 0 ? $"−{Dollars(-cents)}"
        : cents % 100 == 0 || cents >= 10_000 ? string.Create(CultureInfo.InvariantCulture, $"${cents / 100:#,##0}")
        : string.Create(CultureInfo.InvariantCulture, $"${cents / 100m:0.00}");

    /// <summary>Where labels and amounts lie.</summary>
    private sealed class Scale
    {
        private const int Steps = 4;

        /// <summary>Of a letter of a label, at most.</summary>
        private const int LetterWidth = 7;
        private readonly int _labels;

        /// <summary>How many lines are below nothing.</summary>
        private readonly long _below;

        /// <summary>Goes through the plot once, and not again for each bar.</summary>
        public Scale(Plot plot)
        {
            _labels = plot.Labels.Count;
            Step = NiceStep(plot.Highest, -plot.Lowest);
            _below = Up(-plot.Lowest, Step);
            var longest = plot.Labels.Count == 0 ? 0 : plot.Labels.Max(label => label.Length);
            var fit = (Width - Left - Right) / ((longest * LetterWidth) + LetterWidth);
            Every = _labels <= fit ? 1 : Math.Max(_labels <= 12 ? 1 : 5, (_labels + fit - 1) / Math.Max(fit, 1));
        }

        /// <summary>
        /// From line to line: 1, 2, 2.5 or 5 times a power of ten, so that the lines are at round sums.
        /// </summary>
        public long Step { get; }

        /// <summary>The lines, in steps from nothing; some are below where something is.</summary>
        public IEnumerable<int> Lines => Enumerable.Range(-(int)_below, Steps + 1);

        /// <summary>Of many labels only some are written: so many that none touches the next.</summary>
        public int Every { get; }

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
