using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>What Cairo does not say of a file: its language, and that its title is to be shown.</summary>
internal sealed unsafe partial class Canvas
{
    /// <summary>What whoever reads a document aloud needs to know beside its parts.</summary>
    public const string Reading = "/Lang (en-US) /ViewerPreferences << /DisplayDocTitle true >>";

    /// <summary>The file with its catalog once more at the end, as PDF has a file changed.</summary>
    private static byte[] WithLanguage(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        int Last(string word) => text.LastIndexOf(word, StringComparison.Ordinal);
        var (catalog, trailer) = (Last("/Type /Catalog"), Last("\ntrailer"));
        var end = catalog < 0 ? -1 : text.IndexOf("endobj", catalog, StringComparison.Ordinal);
        var begin = catalog < 0 ? -1 : text.LastIndexOf(" 0 obj", catalog, StringComparison.Ordinal);
        if (trailer < 0 || end < 0 || begin < 0)
        {
            throw new InvalidDataException("Cairo wrote a PDF without a plain catalog and table of its objects.");
        }

        var line = text.LastIndexOf('\n', begin) + 1;
        var number = int.Parse(text.AsSpan(line, begin - line), CultureInfo.InvariantCulture);
        var said = text[line..end].Replace("/Type /Catalog", $"/Type /Catalog {Reading}", StringComparison.Ordinal);
        var (first, last) = (text.IndexOf("<<", trailer, StringComparison.Ordinal) + 2, Last(">>"));
        var dictionary = text[first..last];
        var before = text[(Last("startxref") + "startxref".Length)..Last("%%EOF")].Trim();
        return
        [
            .. pdf,
            .. Encoding.Latin1.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{said}endobj\nxref\n{number} 1\n{pdf.Length:0000000000} 00000 n \n" +
                $"trailer\n<<{dictionary}/Prev {before}\n>>\nstartxref\n{pdf.Length + said.Length + 7}\n%%EOF\n")),
        ];
    }
}
