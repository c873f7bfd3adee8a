namespace Exchange.Invoicing;

/// <summary>What cannot stand on a PDF, found before it is published and would stop every invoice.</summary>
public static class Undrawable
{
    private const string Font = "Inter, DejaVu Sans, sans-serif 7";
    private const double Side = 500;

    /// <summary>The first text for which no font is installed; null where all can be drawn.</summary>
    public static Refusal? In(IEnumerable<string> texts) => Tried(canvas =>
    {
        foreach (var text in texts)
        {
            _ = canvas.HeightOf(text, Side, Font);
        }
    });

    /// <summary>Why a PNG cannot be drawn; null where it can.</summary>
    public static Refusal? In(ReadOnlyMemory<byte> png) =>
        Tried(canvas => canvas.Picture(png.ToArray(), "", 0, 0, Side, Side));

    private static Refusal? Tried(Action<Canvas> draw)
    {
        try
        {
            using var canvas = new Canvas(Side, Side, "", "");
            draw(canvas);
            _ = canvas.Finish();
            return null;
        }
        catch (RefusedException e)
        {
            // Without Pango nothing is drawn here at all; whoever draws later says so.
            return e.Refusal.Code == Canvas.NotInstalled ? null : e.Refusal;
        }
    }
}
