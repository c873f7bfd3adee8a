using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>
/// A PDF written without Cairo, for texts in Western letters: fonts are embedded as they were once made
/// (<see cref="PlainFonts"/>), and letters stand next to each other as Pango sets them. A document that has other
/// letters is drawn on a <see cref="Canvas"/>.
/// </summary>
internal sealed class PlainPaper(
    PlainFonts fonts, double pageWidth, double pageHeight, string title, string created) : IPaper
{
    private readonly List<string> _pages = [];
    private readonly StringBuilder _page = new(1 << 14);
    private readonly PlainTags _tags = new();
    private readonly List<PlainImage> _images = [];
    private string _colour = "";
    private bool _isMarked;

    /// <summary>Whether something was to be drawn that it cannot draw.</summary>
    public bool Lacks { get; private set; }

    public void Dispose()
    {
    }

    public void Begin(Tag tag) => Begin(tag, null);

    private void Begin(Tag tag, string? alt)
    {
        if (_tags.Begin(tag, alt) is { } mark)
        {
            _page.Append(CultureInfo.InvariantCulture, $"/{tag} <</MCID {mark}>> BDC\n");
            _isMarked = true;
        }
    }

    public void End()
    {
        if (_tags.End() >= Tag.H1)
        {
            _page.Append("EMC\n");
            _isMarked = false;
        }
    }

    public void Say(string text, double x, double y, double width, string font, Edge edge = Edge.Left)
    {
        if (!Can(text) || text.Length == 0)
        {
            return;
        }

        var face = fonts.FaceOf(font);
        var top = y;
        Unread(() =>
        {
            foreach (var line in LinesOf(text, width, font, (face, edge)))
            {
                var left = edge == Edge.Left ? x : x + width - face.WidthOf(line);
                _page.Append(CultureInfo.InvariantCulture,
                    $"BT /{face.Name} {face.Size:0.###} Tf {left:0.##} {pageHeight - top - face.Ascent:0.##} Td [(");
                face.Write(line, _page);
                _page.Append(")] TJ ET\n");
                top += face.LineHeight;
            }
        });
    }

    public double HeightOf(string text, double width, string font, Edge edge = Edge.Left)
    {
        var face = fonts.FaceOf(font);
        return Can(text) ? LinesOf(text, width, font, (face, edge)).Count * face.LineHeight : face.LineHeight;
    }

    public void Grey(double shade) => Ink(string.Create(
        CultureInfo.InvariantCulture, $"{shade:0.##} g {shade:0.##} G\n"));

    public void Colour(double red, double green, double blue) => Ink(string.Create(
        CultureInfo.InvariantCulture,
        $"{red:0.##} {green:0.##} {blue:0.##} rg {red:0.##} {green:0.##} {blue:0.##} RG\n"));

    public void Rule(double x, double y, double width) => Unread(() => _page.Append(CultureInfo.InvariantCulture,
        $"0.5 w {x:0.##} {pageHeight - y:0.##} m {x + width:0.##} {pageHeight - y:0.##} l S\n"));

    public void Box(double x, double y, double width, double height) => Unread(() => _page.Append(
        CultureInfo.InvariantCulture,
        $"{x:0.##} {pageHeight - y - height:0.##} {width:0.##} {height:0.##} re f\n"));

    public void Picture(byte[] png, string alt, double x, double y, double width, double height)
    {
        if (PlainImage.Of(png) is not { } image)
        {
            Lacks = true;
            return;
        }

        var scale = Math.Min(width / image.Width, height / image.Height);
        var (wide, high) = (image.Width * scale, image.Height * scale);
        var place = _images.IndexOf(image) is >= 0 and var known ? known : _images.Count;
        if (place == _images.Count)
        {
            _images.Add(image);
        }

        Begin(Tag.Figure, alt);
        _page.Append(
            CultureInfo.InvariantCulture,
            $"q {wide:0.##} 0 0 {high:0.##} {x:0.##} {pageHeight - y - high:0.##} cm /I{place} Do Q\n");
        End();
    }

    public void NextPage()
    {
        _pages.Add(_page.ToString());
        _page.Clear();
        _tags.NextPage();
        _colour = "";
    }

    public byte[] Finish()
    {
        var file = new PlainFile(fonts.Beginning, fonts.Offsets);
        var resources = $"/Font << {fonts.Resources} >>{Images(file)}";
        var (tree, kids) = (file.Reserve(), new List<int>());
        foreach (var page in _pages)
        {
            var content = file.AddPacked("", page);
            kids.Add(file.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {pageWidth:0.##} {pageHeight:0.##}] " +
                $"/Contents {content} 0 R /StructParents {kids.Count} /Resources << {resources} >> >>")));
        }

        file.Put(tree, $"<< /Type /Pages /Kids [{string.Join(' ', kids.Select(At))}] /Count {kids.Count} >>");
        var tags = _tags.Put(file, kids);
        var root = file.Add($"<< /Type /Catalog /Pages {At(tree)} /StructTreeRoot {At(tags)} " +
            $"/MarkInfo << /Marked true >> {Canvas.Reading} >>");
        var day = string.Concat(created.Take(19).Where(char.IsAsciiDigit));
        return file.Finish(root, file.Add(
            $"<< /Title {PlainFile.Words(title)} /CreationDate (D:{day}Z) /ModDate (D:{day}Z) >>"));
    }

    private static string At(int number) => string.Create(CultureInfo.InvariantCulture, $"{number} 0 R");

    private string Images(PlainFile file)
    {
        var names = new StringBuilder();
        foreach (var (i, image) in _images.Index())
        {
            var first = file.Reserve(image.Count);
            file.PutWhole(first, image.From(first));
            names.Append(CultureInfo.InvariantCulture, $"/I{i} {first} 0 R ");
        }

        return names.Length == 0 ? "" : $" /XObject << {names}>>";
    }

    private bool Can(string text)
    {
        Lacks |= !fonts.Has(text);
        return !Lacks;
    }

    /// <summary>What is in no part of the document is marked as no matter to those who hear it.</summary>
    private void Unread(Action draw)
    {
        if (_isMarked)
        {
            draw();
            return;
        }

        _page.Append("/Artifact BMC\n");
        draw();
        _page.Append("EMC\n");
    }

    private void Ink(string colour)
    {
        if (_colour != colour)
        {
            _page.Append(_colour = colour);
        }
    }

    /// <summary>The lines of a text: one, or what Pango makes of it where it is too wide.</summary>
    private static IReadOnlyList<string> LinesOf(
        string text, double width, string font, (PlainFonts.Face Face, Edge Edge) of) =>
        of.Face.WidthOf(text) <= width ? [text] : Ruler.Lines(text, width, font, of.Edge);
}
