using System.Runtime.InteropServices;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>How texts come out as Pango sets them, and single letters as a font has them.</summary>
internal sealed unsafe partial class Canvas
{
    private const double Ample = 100_000;

    /// <summary>A place on the page: Cairo leaves out what is beside it.</summary>
    private const double Within = 50;

    /// <summary>A letter of a font at a place, as Cairo has it.</summary>
    private readonly record struct Glyph(nuint Index, double X, double Y);

    /// <summary>How many bytes of a text are how many letters of its font.</summary>
    private readonly record struct Cluster(int Bytes, int Glyphs);

    /// <summary>The beginning of Pango's record of a line.</summary>
    private readonly record struct Line(nint Layout, int Start, int Length);

    public (double Width, double Height) SizeOf(string text, double width, string font)
    {
        GetSize(_typesetter.Layout(text, width, font, Edge.Left), out var wide, out var high);
        return (wide / (double)PangoScale, high / (double)PangoScale);
    }

    /// <summary>How far below its top the letters of a text stand.</summary>
    public double BaselineOf(string text, string font) =>
        GetBaseline(_typesetter.Layout(text, Ample, font, Edge.Left)) / (double)PangoScale;

    /// <summary>Where Pango breaks a text.</summary>
    public IReadOnlyList<string> LinesOf(string text, double width, string font, Edge edge)
    {
        var layout = _typesetter.Layout(text, width, font, edge);
        var (bytes, lines) = (Encoding.UTF8.GetBytes(text), new List<string>());
        for (var i = 0; i < CountLines(layout); i++)
        {
            var line = (Line*)GetLine(layout, i);
            lines.Add(Encoding.UTF8.GetString(bytes, line->Start, line->Length).TrimEnd(' '));
        }

        return lines;
    }

    /// <summary>Draws a letter, and has the file take it for another that stands for it there.</summary>
    /// <returns>Whether the font has it.</returns>
    public bool Stand(char letter, char seat, string font)
    {
        var (scaled, drawn, taken) = (
            _typesetter.ScaledFont(font), Encoding.UTF8.GetBytes([letter]), Encoding.UTF8.GetBytes([seat]));
        Glyph* glyphs = null;
        var count = stackalloc int[1];
        if (GlyphsOf(scaled, Within, Within, drawn, drawn.Length, &glyphs, count, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException($"Cairo finds no letters in {font}.");
        }

        var has = count[0] == 1 && glyphs[0].Index != 0;
        if (has)
        {
            SetScaledFont(_context, scaled);
            var cluster = new Cluster(taken.Length, 1);
            ShowGlyphs(_context, taken, taken.Length, glyphs, 1, &cluster, 1, 0);
        }

        FreeGlyphs(glyphs);
        return has;
    }

    [LibraryImport(Pango, EntryPoint = "pango_layout_get_baseline")]
    private static partial int GetBaseline(nint layout);

    [LibraryImport(Pango, EntryPoint = "pango_layout_get_line_count")]
    private static partial int CountLines(nint layout);

    [LibraryImport(Pango, EntryPoint = "pango_layout_get_line_readonly")]
    private static partial nint GetLine(nint layout, int line);

    [LibraryImport(Cairo, EntryPoint = "cairo_set_scaled_font")]
    private static partial void SetScaledFont(nint context, nint font);

    [LibraryImport(Cairo, EntryPoint = "cairo_scaled_font_text_to_glyphs")]
    private static partial int GlyphsOf(
        nint font, double x, double y, byte[] text, int length, Glyph** glyphs, int* count, nint clusters,
        nint clusterCount, nint flags);

    [LibraryImport(Cairo, EntryPoint = "cairo_show_text_glyphs")]
    private static partial void ShowGlyphs(
        nint context, byte[] text, int length, Glyph* glyphs, int count, Cluster* clusters, int clusterCount,
        int flags);

    [LibraryImport(Cairo, EntryPoint = "cairo_glyph_free")]
    private static partial void FreeGlyphs(Glyph* glyphs);
}
