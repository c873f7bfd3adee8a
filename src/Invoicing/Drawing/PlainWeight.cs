namespace Exchange.Invoicing;

/// <summary>A weight of a font as it is embedded, and how its letters stand beside each other.</summary>
internal sealed class PlainWeight
{
    private const int Codes = 256;
    private readonly PlainLetters _letters;
    private readonly string _family;
    private readonly double[] _widths;
    private readonly float[] _nearer = new float[Codes * Codes];

    private PlainWeight(PlainLetters letters, string family, double[] widths, IReadOnlyList<byte[]> objects)
    {
        (_letters, _family, _widths, Objects) = (letters, family, widths, objects);
        Array.Fill(_nearer, float.NaN);
    }

    /// <summary>Its objects, the font first.</summary>
    public IReadOnlyList<byte[]> Objects { get; }

    /// <summary>In thousandths of its size.</summary>
    public double WidthOf(byte code) => _widths[code];

    /// <summary>How much nearer a letter stands to the one before it than that is wide, below zero; asked of Pango
    /// once.</summary>
    public double Kerning(char before, char letter)
    {
        if (before == ' ' || letter == ' ')
        {
            return 0;
        }

        ref var known = ref _nearer[(_letters.CodeOf(before) * Codes) + _letters.CodeOf(letter)];
        return float.IsNaN(known) ? known = (float)Ruler.Kerning(before, letter, _family) : known;
    }

    /// <returns>Null where a letter is of another font, or Cairo embeds fonts in another way.</returns>
    public static PlainWeight? Embed(PlainLetters letters, string family, int first)
    {
        using var canvas = new Canvas(100, 100, "", "");
        canvas.Say("x x", 10, 10, 80, $"{family} 10"); // A blank alone leaves nothing, so Cairo leaves it out.
        if (letters.Letters.Any(of => of.Letter != ' ' && !canvas.Stand(of.Letter, of.Seat, $"{family} 10")))
        {
            return null; // Such a document is drawn by Pango, which finds another font or says that there is none.
        }

        canvas.NextPage();
        var made = new CairoObjects(canvas.Finish());
        if (made.With("/Type /Font\n") is not [var only] ||
            made.With("/WinAnsiEncoding", "/Widths") is not [var known] || only != known ||
            made.Numbers(only, "FirstChar") is not [var from] ||
            made.Numbers(only, "ToUnicode") is not [var map, ..])
        {
            return null;
        }

        var widths = new double[Codes];
        foreach (var (i, width) in made.Numbers(only, "Widths").Index())
        {
            widths[from + i] = width;
        }

        made.Replace(map, letters.ToUnicode());
        return new(letters, family, widths, made.From(only, first));
    }
}
