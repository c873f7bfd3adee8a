using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>
/// The two weights in which invoices are set, embedded once with a fixed set of letters: what each document begins with
/// is the same bytes for all. Cairo makes them, of the fonts of this machine.
/// </summary>
internal sealed class PlainFonts
{
    /// <summary>The first object of a document that is not of a font: fonts follow on these.</summary>
    public const int FirstObject = 4;

    private const string Family = "Inter, DejaVu Sans, sans-serif", Bold = " Bold";
    private const string Created = "2000-01-01T00:00:00Z"; // Of no matter: only fonts leave the file.

    private const string Plain = "!\"#$%&'()*+,-./0123456789:;<=>?@" +
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~–—‘’“”…·×";

    private const string Western = "€ŠšŽžŒœŸ¡¢£¥§©ª«®°±²³µ¶¹º»¼½¾¿" +
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

    private const char Minus = '\u2212';

    /// <summary>
    /// How the letters beyond those of Latin 1 are written in WinAnsiEncoding. It has no minus: a dash of the width of a
    /// digit stands for it.
    /// </summary>
    private static readonly Dictionary<char, byte> Windows = new()
    {
        ['€'] = 0x80, ['…'] = 0x85, ['Š'] = 0x8A, ['Œ'] = 0x8C, ['Ž'] = 0x8E, ['‘'] = 0x91, ['’'] = 0x92,
        ['“'] = 0x93, ['”'] = 0x94, ['–'] = 0x96, ['—'] = 0x97, ['š'] = 0x9A, ['œ'] = 0x9C, ['ž'] = 0x9E,
        ['Ÿ'] = 0x9F, [Minus] = 0x96,
    };

    /// <summary>Fewer letters first: a document takes the first that has all of its own.</summary>
    private static readonly Lazy<PlainFonts?>[] All =
    [
        new(() => Make(Plain), LazyThreadSafetyMode.PublicationOnly),
        new(() => Make(Plain + Western), LazyThreadSafetyMode.PublicationOnly),
    ];

    private readonly HashSet<char> _letters;
    private readonly Weight _regular;
    private readonly Weight _bold;
    private readonly ConcurrentDictionary<string, Face> _faces = new(StringComparer.Ordinal);

    private PlainFonts(string letters, Weight regular, Weight bold, IReadOnlyList<byte[]> objects)
    {
        (_letters, _regular, _bold) = ([.. letters, ' ', Minus], regular, bold);
        var begin = new MemoryStream();
        begin.Write("%PDF-1.4\n%\u00b5\u00b6\u00b7\n"u8);
        foreach (var one in objects)
        {
            Offsets.Add((int)begin.Position);
            begin.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{FirstObject + Offsets.Count - 1} 0 obj\n")));
            begin.Write(one);
            begin.Write("endobj\n"u8);
        }

        Beginning = begin.ToArray();
    }

    /// <summary>A weight: the object of its font, and how wide its letters are in thousandths of its size.</summary>
    private sealed record Weight(int Object, double[] Widths);

    /// <summary>A font in a size: how far below the top of a line its letters stand, and how high lines are.</summary>
    public sealed record Face(string Name, double Size, double Ascent, double LineHeight, double[] Widths)
    {
        public double WidthOf(ReadOnlySpan<char> text)
        {
            var sum = 0.0;
            foreach (var letter in text)
            {
                sum += Widths[CodeOf(letter)];
            }

            return sum * Size / 1000;
        }
    }

    /// <summary>Those that can be made here, with fewer letters first.</summary>
    public static IEnumerable<PlainFonts> Made => All.Select(one => one.Value).OfType<PlainFonts>();

    /// <summary>What a document begins with: its head and the objects of fonts.</summary>
    public byte[] Beginning { get; }

    /// <summary>Where in it each object begins.</summary>
    public List<int> Offsets { get; } = [];

    /// <summary>The fonts as a page names them.</summary>
    public string Resources =>
        string.Create(CultureInfo.InvariantCulture, $"/R {_regular.Object} 0 R /B {_bold.Object} 0 R");

    public static byte CodeOf(char letter) => Windows.TryGetValue(letter, out var code) ? code : (byte)letter;

    public bool Has(string text)
    {
        foreach (var letter in text)
        {
            if (!_letters.Contains(letter))
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="font">As Pango names it, its size last.</param>
    public Face FaceOf(string font) => _faces.GetOrAdd(font, name =>
    {
        using var canvas = new Canvas(100, 100, "", Created);
        var (isBold, size) = (name.Contains(Bold, StringComparison.Ordinal), double.Parse(
            name.AsSpan(name.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
        return new(
            isBold ? "B" : "R", size, canvas.BaselineOf("x", name), canvas.HeightOf("x", 1000, name),
            (isBold ? _bold : _regular).Widths);
    });

    /// <returns>Null where a letter is of another font, or Cairo embeds fonts in another way.</returns>
    private static PlainFonts? Make(string letters) =>
        Embed(letters, Family, FirstObject) is { } regular &&
        Embed(letters, Family + Bold, FirstObject + regular.Objects.Count) is { } bold
            ? new(letters, regular.Weight, bold.Weight, [.. regular.Objects, .. bold.Objects])
            : null;

    private static (Weight Weight, IReadOnlyList<byte[]> Objects)? Embed(string letters, string font, int first)
    {
        using var canvas = new Canvas(100, 100, "", Created);
        canvas.BeAsOld();
        try
        {
            foreach (var letter in letters)
            {
                canvas.Say($"{letter}", 10, 10, 80, $"{font} 10");
            }
        }
        catch (RefusedException e) when (e.Refusal.Code == MissingFont.Code)
        {
            return null; // Such a document is drawn by Pango, which says so.
        }

        var space = canvas.WidthOf("x x", $"{font} 1000") - canvas.WidthOf("xx", $"{font} 1000");
        canvas.NextPage();
        var made = new CairoObjects(canvas.Finish());
        if (made.With("/Type /Font\n") is not [var only] ||
            made.With("/WinAnsiEncoding", "/Widths") is not [var known] || only != known ||
            made.Numbers(only, "FirstChar") is not [var from])
        {
            return null;
        }

        var widths = new double[256];
        foreach (var (i, width) in made.Numbers(only, "Widths").Index())
        {
            widths[from + i] = width;
        }

        widths[' '] = space;
        return (new(first, widths), made.From(only, first));
    }
}
