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
    private const string Family = "Inter, DejaVu Sans, sans-serif", Bold = " Bold";

    /// <summary>A point of Pango's is 1/72 of an inch of 96 units.</summary>
    private const double PangoPoint = 96 / 72.0;

    private readonly PlainLetters _letters;
    private readonly PlainWeight _regular;
    private readonly PlainWeight _bold;
    private readonly ConcurrentDictionary<string, Face> _faces = new(StringComparer.Ordinal);

    private PlainFonts(PlainLetters letters, PlainWeight regular, PlainWeight bold)
    {
        (_letters, _regular, _bold) = (letters, regular, bold);
        var begin = new MemoryStream();
        begin.Write("%PDF-1.5\n%\u00b5\u00b6\u00b7\n"u8);
        foreach (var one in regular.Objects.Concat(bold.Objects))
        {
            Offsets.Add((int)begin.Position);
            begin.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{Offsets.Count} 0 obj\n")));
            begin.Write(one);
            begin.Write("endobj\n"u8);
        }

        Beginning = begin.ToArray();
    }

    /// <summary>A font in a size: how far below the top of a line its letters stand, and how high lines are.</summary>
    public sealed record Face(
        string Name, double Size, double Ascent, double LineHeight, PlainLetters Letters, PlainWeight Weight)
    {
        public double WidthOf(string text)
        {
            var sum = 0.0;
            for (var i = 0; i < text.Length; i++)
            {
                sum += Weight.WidthOf(Letters.CodeOf(text[i]));
                sum += i == 0 ? 0 : Weight.Kerning(text[i - 1], text[i]);
            }

            return sum * Size / 1000;
        }

        /// <summary>Writes a line as the inside of a PDF's text array, up to a last string that is open.</summary>
        public void Write(string line, StringBuilder page)
        {
            for (var i = 0; i < line.Length; i++)
            {
                if (i > 0 && Weight.Kerning(line[i - 1], line[i]) is not 0 and var nearer)
                {
                    page.Append(CultureInfo.InvariantCulture, $"){-nearer:0}(");
                }

                var code = (char)Letters.CodeOf(line[i]);
                _ = code is '(' or ')' or '\\' ? page.Append('\\').Append(code) : page.Append(code);
            }
        }
    }

    /// <summary>Fewer letters first: a document takes the first that has all of its own.</summary>
    private static readonly Lazy<PlainFonts?>[] All =
        [.. PlainLetters.All.Select(letters => new Lazy<PlainFonts?>(
            () => Make(letters), LazyThreadSafetyMode.PublicationOnly))];

    /// <summary>Those that can be made here, with fewer letters first.</summary>
    public static IEnumerable<PlainFonts> Made => All.Select(one => one.Value).OfType<PlainFonts>();

    /// <summary>What a document begins with: its head and the objects of fonts.</summary>
    public byte[] Beginning { get; }

    /// <summary>Where in it each object begins; they are numbered from 1.</summary>
    public List<int> Offsets { get; } = [];

    /// <summary>The fonts as a page names them.</summary>
    public string Resources =>
        string.Create(CultureInfo.InvariantCulture, $"/R 1 0 R /B {_regular.Objects.Count + 1} 0 R");

    public bool Has(string text)
    {
        foreach (var letter in text)
        {
            if (_letters.CodeOf(letter) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="font">As Pango names it, its size last.</param>
    public Face FaceOf(string font) => _faces.GetOrAdd(font, name =>
    {
        var isBold = name.Contains(Bold, StringComparison.Ordinal);
        var size = double.Parse(name.AsSpan(name.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        var (ascent, height) = Ruler.LineOf(name);
        return new(isBold ? "B" : "R", size * PangoPoint, ascent, height, _letters, isBold ? _bold : _regular);
    });

    /// <returns>Null where a letter is of another font, or Cairo embeds fonts in another way.</returns>
    private static PlainFonts? Make(PlainLetters letters) =>
        PlainWeight.Embed(letters, Family, 1) is { } regular &&
        PlainWeight.Embed(letters, Family + Bold, 1 + regular.Objects.Count) is { } bold
            ? new(letters, regular, bold)
            : null;
}
