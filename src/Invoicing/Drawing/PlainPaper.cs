using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>
/// A PDF written without Cairo, for texts in Western letters: fonts are embedded as they were once made
/// (<see cref="PlainFonts"/>), and words stand next to each other by the widths of their letters. A document that has
/// other letters, or a picture, is drawn on a <see cref="Canvas"/>.
/// </summary>
internal sealed class PlainPaper(
    PlainFonts fonts, double pageWidth, double pageHeight, string title, string created) : IPaper
{
    private readonly List<string> _pages = [];
    private readonly StringBuilder _page = new(1 << 14);
    private string _colour = "";

    /// <summary>Whether something was to be drawn that it cannot draw.</summary>
    public bool Lacks { get; private set; }

    public void Dispose()
    {
    }

    public void Say(string text, double x, double y, double width, string font, Edge edge = Edge.Left)
    {
        if (!Can(text))
        {
            return;
        }

        var face = fonts.FaceOf(font);
        var top = y;
        foreach (var line in PlainLines.Of(text, width, face))
        {
            var words = text.AsSpan(line);
            var left = edge == Edge.Left ? x : x + width - face.WidthOf(words);
            _page.Append(CultureInfo.InvariantCulture,
                $"BT /{face.Name} {face.Size:0.##} Tf {left:0.##} {pageHeight - top - face.Ascent:0.##} Td [(");
            Words(words, face);
            _page.Append(")] TJ ET\n");
            top += face.LineHeight;
        }
    }

    public double HeightOf(string text, double width, string font, Edge edge = Edge.Left)
    {
        var face = fonts.FaceOf(font);
        return Can(text) ? PlainLines.Of(text, width, face).Count * face.LineHeight : face.LineHeight;
    }

    public void Grey(double shade) => Ink(string.Create(
        CultureInfo.InvariantCulture, $"{shade:0.##} g {shade:0.##} G\n"));

    public void Colour(double red, double green, double blue) => Ink(string.Create(
        CultureInfo.InvariantCulture,
        $"{red:0.##} {green:0.##} {blue:0.##} rg {red:0.##} {green:0.##} {blue:0.##} RG\n"));

    public void Rule(double x, double y, double width) => _page.Append(CultureInfo.InvariantCulture,
        $"0.5 w {x:0.##} {pageHeight - y:0.##} m {x + width:0.##} {pageHeight - y:0.##} l S\n");

    public void Box(double x, double y, double width, double height) => _page.Append(CultureInfo.InvariantCulture,
        $"{x:0.##} {pageHeight - y - height:0.##} {width:0.##} {height:0.##} re f\n");

    public void Picture(byte[] png, double x, double y, double width, double height) => Lacks = true;

    public void NextPage()
    {
        _pages.Add(_page.ToString());
        _page.Clear();
        _colour = "";
    }

    public byte[] Finish()
    {
        var file = new PlainFile(fonts.Beginning, fonts.Offsets);
        var kids = new StringBuilder();
        foreach (var page in _pages)
        {
            var packed = Pack(page);
            var content = file.Add($"<< /Length {packed.Length} /Filter /FlateDecode >>", packed);
            var number = file.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {pageWidth:0.##} {pageHeight:0.##}] " +
                $"/Contents {content} 0 R " +
                $"/Resources << /Font << {fonts.Resources} >> >> >>"));
            kids.Append(CultureInfo.InvariantCulture, $"{number} 0 R ");
        }

        file.Put(1, "<< /Type /Catalog /Pages 2 0 R /Lang (en-US) /ViewerPreferences << /DisplayDocTitle true >> >>");
        file.Put(2, $"<< /Type /Pages /Kids [{kids}] /Count {_pages.Count} >>");
        var day = string.Concat(created.Take(19).Where(char.IsAsciiDigit));
        file.Put(3, $"<< /Title {PlainFile.Words(title)} /CreationDate (D:{day}Z) /ModDate (D:{day}Z) >>");
        return file.Finish(1, 3);
    }

    private bool Can(string text)
    {
        Lacks |= !fonts.Has(text);
        return !Lacks;
    }

    private void Ink(string colour)
    {
        if (_colour != colour)
        {
            _page.Append(_colour = colour);
        }
    }

    /// <summary>A gap for each blank: no font has a letter for it, and whoever reads the text sees the gap.</summary>
    private void Words(ReadOnlySpan<char> words, PlainFonts.Face face)
    {
        foreach (var letter in words)
        {
            _ = letter switch
            {
                ' ' => _page.Append(CultureInfo.InvariantCulture, $")-{face.Widths[' ']:0}("),
                '(' or ')' or '\\' => _page.Append('\\').Append(letter),
                _ => _page.Append((char)PlainFonts.CodeOf(letter)),
            };
        }
    }

    private static byte[] Pack(string page)
    {
        using var packed = new MemoryStream();
        using (var compressed = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            compressed.Write(Encoding.Latin1.GetBytes(page));
        }

        return packed.ToArray();
    }
}
