using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Exchange.Invoicing;

/// <summary>Which edge of its column a text keeps to.</summary>
internal enum Edge { Left, Right = 2 }

/// <summary>
/// A PDF being drawn by Cairo, its text set by Pango (<see cref="Typesetter"/>); no other file knows them. Lengths are
/// points of 1/72 inch.
/// Drawn again from the same calls, the bytes are the same.
/// </summary>
internal sealed unsafe partial class Canvas : IPaper
{
    public const string NotInstalled = "pdf/no-pango";
    private const int PangoScale = 1024;
    private const string Cairo = "libcairo.so.2";
    private const string Pango = "libpango-1.0.so.0";
    private const string PangoCairo = "libpangocairo-1.0.so.0";

    private readonly MemoryStream _bytes = new();
    private readonly GCHandle _self;
    private readonly nint _surface;
    private readonly nint _context;
    private readonly Typesetter _typesetter;
    private readonly List<Tag> _open = [];
    private readonly List<string> _alts = [];
    private int _begun;

    /// <param name="created">The date of creation that the file names, in ISO 8601.</param>
    /// <exception cref="RefusedException">The system's text and PDF libraries are not installed.</exception>
    public Canvas(double width, double height, string title, string created)
    {
        _self = GCHandle.Alloc(_bytes);
        try
        {
            _surface = SurfaceForStream(&Write, GCHandle.ToIntPtr(_self), width, height);
            RestrictTo(_surface, 0); // PDF 1.4 has a plain table of its objects, to which one is added at the end.
            SetMetadata(_surface, 0, title);
            SetMetadata(_surface, 5, created);
            SetMetadata(_surface, 6, created);
            _context = Create(_surface);
            _typesetter = Typesetter.Borrow(_context);
        }
        catch (DllNotFoundException)
        {
            _self.Free();
            throw new RefusedException(new(
                NotInstalled,
                "Drawing a PDF needs the system's Pango library. " +
                "Install it with 'apt-get install libpangocairo-1.0-0'."));
        }
    }

    /// <summary>How many texts were shaped for this document and those before it.</summary>
    internal int Shaped => _typesetter.Shaped;

    /// <summary>How many texts are remembered for it and those after it.</summary>
    internal int Remembered => _typesetter.Remembered;

    /// <summary>Cairo is told of what holds others when the first of those begins: it loses one that holds a picture.
    /// </summary>
    public void Begin(Tag tag)
    {
        _open.Add(tag);
        for (; tag >= Tag.H1 && _begun < _open.Count; _begun++)
        {
            TagBegin(_context, $"{_open[_begun]}", "");
        }
    }

    public void End()
    {
        if (_begun == _open.Count)
        {
            TagEnd(_context, $"{_open[^1]}");
            _begun--;
        }

        _open.RemoveAt(_open.Count - 1);
    }

    public void Say(string text, double x, double y, double width, string font, Edge edge = Edge.Left)
    {
        MoveTo(_context, x, y);
        ShowLayout(_context, _typesetter.Layout(text, width, font, edge));
    }

    public double HeightOf(string text, double width, string font, Edge edge = Edge.Left)
    {
        GetSize(_typesetter.Layout(text, width, font, edge), out _, out var height);
        return height / (double)PangoScale;
    }

    public void Grey(double shade) => SetColour(_context, shade, shade, shade);

    public void Colour(double red, double green, double blue) => SetColour(_context, red, green, blue);

    public void Rule(double x, double y, double width)
    {
        SetLineWidth(_context, 0.5);
        MoveTo(_context, x, y);
        LineTo(_context, x + width, y);
        Stroke(_context);
    }

    public void Box(double x, double y, double width, double height)
    {
        Rectangle(_context, x, y, width, height);
        Fill(_context);
    }

    public void NextPage() => ShowPage(_context);

    /// <summary>Ends the document.</summary>
    public byte[] Finish()
    {
        FinishSurface(_surface);
        var status = SurfaceStatus(_surface);
        return status == 0
            ? WithReading(_bytes.ToArray(), _alts)
            : throw new InvalidOperationException($"Cairo failed with status {status}.");
    }

    public void Dispose()
    {
        _typesetter.GiveBack();
        Destroy(_context);
        DestroySurface(_surface);
        _self.Free();
        _bytes.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint closure, byte* data, uint length)
    {
        ((MemoryStream)GCHandle.FromIntPtr(closure).Target!).Write(new ReadOnlySpan<byte>(data, (int)length));
        return 0;
    }

    [LibraryImport(Cairo, EntryPoint = "cairo_pdf_surface_create_for_stream")]
    private static partial nint SurfaceForStream(
        delegate* unmanaged[Cdecl]<nint, byte*, uint, int> write, nint closure, double width, double height);

    [LibraryImport(Cairo, EntryPoint = "cairo_pdf_surface_set_metadata", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetMetadata(nint surface, int which, string text);

    [LibraryImport(Cairo, EntryPoint = "cairo_pdf_surface_restrict_to_version")]
    private static partial void RestrictTo(nint surface, int version);

    [LibraryImport(Cairo, EntryPoint = "cairo_tag_begin", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void TagBegin(nint context, string tag, string attributes);

    [LibraryImport(Cairo, EntryPoint = "cairo_tag_end", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void TagEnd(nint context, string tag);

    [LibraryImport(Cairo, EntryPoint = "cairo_create")]
    private static partial nint Create(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_destroy")]
    private static partial void Destroy(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_surface_finish")]
    private static partial void FinishSurface(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_surface_status")]
    private static partial int SurfaceStatus(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_surface_destroy")]
    private static partial void DestroySurface(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_move_to")]
    private static partial void MoveTo(nint context, double x, double y);

    [LibraryImport(Cairo, EntryPoint = "cairo_line_to")]
    private static partial void LineTo(nint context, double x, double y);

    [LibraryImport(Cairo, EntryPoint = "cairo_stroke")]
    private static partial void Stroke(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_fill")]
    private static partial void Fill(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_show_page")]
    private static partial void ShowPage(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_set_line_width")]
    private static partial void SetLineWidth(nint context, double width);

    [LibraryImport(Cairo, EntryPoint = "cairo_rectangle")]
    private static partial void Rectangle(nint context, double x, double y, double width, double height);

    [LibraryImport(Cairo, EntryPoint = "cairo_set_source_rgb")]
    private static partial void SetColour(nint context, double red, double green, double blue);

    [LibraryImport(PangoCairo, EntryPoint = "pango_cairo_show_layout")]
    private static partial void ShowLayout(nint context, nint layout);

    [LibraryImport(Pango, EntryPoint = "pango_layout_get_size")]
    private static partial void GetSize(nint layout, out int width, out int height);
}
