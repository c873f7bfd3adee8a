using System.Collections.Concurrent;

namespace Exchange.Invoicing;

/// <summary>Measures texts by Pango for papers that do not draw by it.</summary>
internal static class Ruler
{
    private const double Side = 100;
    private const double Wide = 100_000;

    /// <summary>A size in which a thousandth of it is 1: a point of Pango's is 1/72 of the 96 units of an inch.
    /// </summary>
    private const string Thousand = " 750";

    private static readonly ConcurrentBag<Canvas> Idle = [];

    public static IReadOnlyList<string> Lines(string text, double width, string font, Edge edge) =>
        With(canvas => canvas.LinesOf(text, width, font, edge));

    /// <summary>How much nearer two letters stand than they are wide, in thousandths of their size; below zero.
    /// </summary>
    /// <param name="family">A font without its size.</param>
    public static double Kerning(char first, char second, string family) => With(canvas =>
    {
        double Of(string text) => canvas.SizeOf(text, Wide, family + Thousand).Width;
        return double.Round(Of($"{first}{second}") - Of($"{first}") - Of($"{second}"));
    });

    /// <summary>How far below the top of a line its letters stand, and how high lines are.</summary>
    public static (double Ascent, double Height) LineOf(string font) =>
        With(canvas => (canvas.BaselineOf("x", font), canvas.SizeOf("x", Wide, font).Height));

    private static T With<T>(Func<Canvas, T> measure)
    {
        var canvas = Idle.TryTake(out var idle) ? idle : new(Side, Side, "", "");
        try
        {
            return measure(canvas);
        }
        finally
        {
            Idle.Add(canvas);
        }
    }
}
