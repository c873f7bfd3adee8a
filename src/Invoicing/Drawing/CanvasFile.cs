using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Invoicing;

/// <summary>What Cairo does not say of a file: its language, and that its title is to be shown.</summary>
internal sealed unsafe partial class Canvas
{
    /// <summary>What whoever reads a document aloud needs to know beside its parts.</summary>
    public const string Reading = "/Lang (en-US) /ViewerPreferences << /DisplayDocTitle true >>";

    /// <summary>
    /// The file with its catalog, and where it has pictures the first of its parts, once more at the end, as PDF has a
    /// file changed.
    /// </summary>
    private static byte[] WithReading(byte[] pdf, List<string> alts)
    {
        var text = Encoding.Latin1.GetString(pdf);
        int Last(string word) => text.LastIndexOf(word, StringComparison.Ordinal);
        var (catalog, trailer, document) = (Last("/Type /Catalog"), Last("\ntrailer"), Last("/S /Document"));
        if (trailer < 0 || catalog < 0)
        {
            throw new InvalidDataException("Cairo wrote a PDF without a plain catalog and table of its objects.");
        }

        var (said, table) = (new StringBuilder(), new StringBuilder("xref\n"));
        void Say(int number, string whole)
        {
            table.Append(CultureInfo.InvariantCulture, $"{number} 1\n{pdf.Length + said.Length:0000000000} 00000 n \n");
            said.Append(whole).Append("endobj\n");
        }

        var end = text[(text.IndexOf("<<", trailer, StringComparison.Ordinal) + 2)..Last(">>")];
        var size = int.Parse(Size().Match(end).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var (number, whole) = ObjectAt(text, catalog);
        Say(number, whole.Replace("/Type /Catalog", $"/Type /Catalog {Reading}", StringComparison.Ordinal));
        if (alts.Count > 0 && document >= 0)
        {
            size += SayPictures(ObjectAt(text, document), alts, size, Say);
        }

        var before = text[(Last("startxref") + "startxref".Length)..Last("%%EOF")].Trim();
        return
        [
            .. pdf,
            .. Encoding.Latin1.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{said}{table}trailer\n<<{Size().Replace(end, $"/Size {size}")}/Prev {before}\n>>\nstartxref\n" +
                $"{pdf.Length + said.Length}\n%%EOF\n")),
        ];
    }

    /// <summary>Puts pictures before the other parts of a document.</summary>
    /// <param name="size">The first number that no object has.</param>
    /// <returns>How many objects are new.</returns>
    private static int SayPictures(
        (int Number, string Whole) document, List<string> alts, int size, Action<int, string> say)
    {
        var figures = string.Concat(alts.Select((_, n) => $"{size + n} 0 R "));
        say(document.Number, Parts().Replace(document.Whole, found => found.Groups[1].Value == "["
            ? $"/K [ {figures}" : $"/K [ {figures}{found.Groups[1].Value} ]", 1));
        foreach (var (n, alt) in alts.Index())
        {
            say(size + n, $"{size + n} 0 obj\n<< /Type /StructElem /S /Figure /P {document.Number} 0 R " +
                $"/Alt {PlainFile.Words(alt)} >>\n");
        }

        return alts.Count;
    }

    /// <summary>The object around a place: its number, and all of it up to its end.</summary>
    private static (int Number, string Whole) ObjectAt(string text, int at)
    {
        var end = text.IndexOf("endobj", at, StringComparison.Ordinal);
        var begin = text.LastIndexOf(" 0 obj", at, StringComparison.Ordinal);
        if (end < 0 || begin < 0)
        {
            throw new InvalidDataException("Cairo wrote a PDF without plain objects.");
        }

        var line = text.LastIndexOf('\n', begin) + 1;
        return (int.Parse(text.AsSpan(line, begin - line), CultureInfo.InvariantCulture), text[line..end]);
    }

    [GeneratedRegex("/Size ([0-9]+)")]
    private static partial Regex Size();

    [GeneratedRegex(@"/K (\[|[0-9]+ 0 R)")]
    private static partial Regex Parts();
}
