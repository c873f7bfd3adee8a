using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Exchange.Invoicing;

/// <summary>
/// Sets texts by Pango: finds their fonts, shapes and breaks them, once for all documents that it is lent to. Invoices
/// say the same words in the same columns thousands of times. One document has it at a time; Pango is not for two.
/// </summary>
internal sealed partial class Typesetter : IDisposable
{
    /// <summary>Some three kilobytes each.</summary>
    internal const int MaxLayouts = 2_048;
    private const string Pango = "libpango-1.0.so.0";
    private const string PangoCairo = "libpangocairo-1.0.so.0";
    private const int PangoScale = 1024;

    /// <summary>A word that alone is too wide is broken, not drawn over what stands beside it; no amount is.</summary>
    private const int BreakWordsToo = 2;

    /// <summary>No letters drawn as one: whoever searches for them, or copies them, finds each.</summary>
    private const string Features = "liga=0, clig=0";

    private static readonly ConcurrentBag<Typesetter> Idle = [];
    private static readonly int MaxIdle = Environment.ProcessorCount;

    private readonly nint _map = NewFontMap();
    private readonly nint _context;
    private readonly nint _attributes = NewAttributes();
    private readonly Dictionary<(string Text, double Width, string Font, Edge Edge), Set> _layouts = [];
    private readonly Dictionary<string, nint> _fonts = new(StringComparer.Ordinal);

    private Typesetter()
    {
        _context = CreateContext(_map);
        RoundPositions(_context, false); // Letters stand where their font says, not at whole points.
        AddAttribute(_attributes, FontFeatures(Features));
        AddAttribute(_attributes, InsertHyphens(false)); // A name that is broken has not got them.
    }

    /// <summary>A text as it is set, and whether it was asked for again since room was made.</summary>
    private sealed class Set(nint layout)
    {
        public nint Layout => layout;
        public bool IsUsedAgain { get; set; }
    }

    /// <summary>How many texts were shaped by this one.</summary>
    public int Shaped { get; private set; }

    /// <summary>How many texts it remembers.</summary>
    public int Remembered => _layouts.Count;

    /// <summary>One for a document that is drawn over a Cairo context; it goes back when that is done.</summary>
    public static Typesetter Borrow(nint cairo)
    {
        var one = Idle.TryTake(out var idle) ? idle : new Typesetter();
        UpdateContext(cairo, one._context); // Surfaces of one kind measure alike, so what was set before stays right.
        return one;
    }

    public void GiveBack()
    {
        if (Idle.Count < MaxIdle)
        {
            Idle.Add(this);
        }
        else
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        Forget(_ => true);
        foreach (var font in _fonts.Values)
        {
            FreeFont(font);
        }

        _fonts.Clear();
        UnrefAttributes(_attributes);
        Unref(_context);
        Unref(_map);
    }

    /// <summary>A text as it is set: the same one for the same words, width, font and edge.</summary>
    /// <exception cref="RefusedException">No font has every letter of it.</exception>
    public nint Layout(string text, double width, string font, Edge edge)
    {
        if (_layouts.TryGetValue((text, width, font, edge), out var known))
        {
            known.IsUsedAgain = true;
            return known.Layout;
        }

        if (_layouts.Count >= MaxLayouts)
        {
            MakeRoom();
        }

        var layout = CreateLayout(_context);
        Shaped++;
        SetFont(layout, FontOf(font));
        SetWidth(layout, (int)(width * PangoScale));
        SetWrap(layout, edge == Edge.Right ? 0 : BreakWordsToo);
        SetAttributes(layout, _attributes);
        SetAlignment(layout, (int)edge);
        SetText(layout, text, -1);
        if (UnknownGlyphs(layout) != 0)
        {
            Unref(layout); // It is never remembered: whoever says it again is refused again.
            throw MissingFont.For(text);
        }

        _layouts[(text, width, font, edge)] = new(layout);
        return layout;
    }

    /// <summary>Forgets what was asked for once only; where that is little, everything.</summary>
    private void MakeRoom()
    {
        Forget(set => !set.IsUsedAgain);
        if (_layouts.Count > MaxLayouts / 2)
        {
            Forget(_ => true);
        }

        foreach (var set in _layouts.Values)
        {
            set.IsUsedAgain = false;
        }
    }

    private void Forget(Func<Set, bool> which)
    {
        foreach (var (key, set) in _layouts.Where(of => which(of.Value)).ToList())
        {
            _layouts.Remove(key);
            Unref(set.Layout);
        }
    }

    /// <summary>The font that Pango takes first for a name; Cairo's own.</summary>
    public nint ScaledFont(string font) => ScaledOf(LoadFont(_context, FontOf(font)));

    private nint FontOf(string font) =>
        _fonts.TryGetValue(font, out var known) ? known : _fonts[font] = FontFromText(font);

    [LibraryImport(PangoCairo, EntryPoint = "pango_cairo_font_map_new")]
    private static partial nint NewFontMap();

    [LibraryImport(Pango, EntryPoint = "pango_font_map_create_context")]
    private static partial nint CreateContext(nint map);

    [LibraryImport(PangoCairo, EntryPoint = "pango_cairo_update_context")]
    private static partial void UpdateContext(nint cairo, nint context);

    [LibraryImport(Pango, EntryPoint = "pango_layout_new")]
    private static partial nint CreateLayout(nint context);

    [LibraryImport(Pango, EntryPoint = "pango_font_description_from_string",
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint FontFromText(string text);

    [LibraryImport(Pango, EntryPoint = "pango_font_description_free")]
    private static partial void FreeFont(nint font);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_font_description")]
    private static partial void SetFont(nint layout, nint font);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_width")]
    private static partial void SetWidth(nint layout, int width);

    [LibraryImport(Pango, EntryPoint = "pango_context_load_font")]
    private static partial nint LoadFont(nint context, nint description);

    [LibraryImport(PangoCairo, EntryPoint = "pango_cairo_font_get_scaled_font")]
    private static partial nint ScaledOf(nint font);

    [LibraryImport(Pango, EntryPoint = "pango_attr_list_new")]
    private static partial nint NewAttributes();

    [LibraryImport(Pango, EntryPoint = "pango_attr_list_unref")]
    private static partial void UnrefAttributes(nint list);

    [LibraryImport(Pango, EntryPoint = "pango_attr_list_insert")]
    private static partial void AddAttribute(nint list, nint attribute);

    [LibraryImport(Pango, EntryPoint = "pango_attr_font_features_new", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint FontFeatures(string features);

    [LibraryImport(Pango, EntryPoint = "pango_attr_insert_hyphens_new")]
    private static partial nint InsertHyphens([MarshalAs(UnmanagedType.Bool)] bool insert);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_attributes")]
    private static partial void SetAttributes(nint layout, nint list);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_wrap")]
    private static partial void SetWrap(nint layout, int mode);

    [LibraryImport(Pango, EntryPoint = "pango_context_set_round_glyph_positions")]
    private static partial void RoundPositions(nint context, [MarshalAs(UnmanagedType.Bool)] bool round);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_alignment")]
    private static partial void SetAlignment(nint layout, int alignment);

    [LibraryImport(Pango, EntryPoint = "pango_layout_set_text", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetText(nint layout, string text, int length);

    [LibraryImport(Pango, EntryPoint = "pango_layout_get_unknown_glyphs_count")]
    private static partial int UnknownGlyphs(nint layout);

    [LibraryImport("libgobject-2.0.so.0", EntryPoint = "g_object_unref")]
    private static partial void Unref(nint thing);
}
