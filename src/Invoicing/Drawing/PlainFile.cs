using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>A PDF as a row of numbered objects and the table of where they are.</summary>
internal sealed class PlainFile
{
    private readonly MemoryStream _bytes;
    private readonly SortedDictionary<int, long> _places = [];
    private int _next;

    /// <param name="beginning">What it begins with, up to the end of its first objects.</param>
    /// <param name="offsets">Where those begin; they are numbered from <see cref="PlainFonts.FirstObject"/> on.</param>
    public PlainFile(byte[] beginning, IReadOnlyList<int> offsets)
    {
        _bytes = new(beginning.Length + (1 << 14));
        _bytes.Write(beginning);
        foreach (var (i, at) in offsets.Index())
        {
            _places[PlainFonts.FirstObject + i] = at;
        }

        _next = PlainFonts.FirstObject + offsets.Count;
    }

    /// <returns>The number of the object.</returns>
    public int Add(string dictionary, byte[]? stream = null)
    {
        Put(_next, dictionary, stream);
        return _next++;
    }

    public void Put(int number, string dictionary, byte[]? stream = null)
    {
        _places.Add(number, _bytes.Position);
        Write(string.Create(CultureInfo.InvariantCulture, $"{number} 0 obj\n{dictionary}\n"));
        if (stream is not null)
        {
            Write("stream\n");
            _bytes.Write(stream);
            Write("\nendstream\n");
        }

        Write("endobj\n");
    }

    public byte[] Finish(int root, int info)
    {
        var at = _bytes.Position;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {_places.Count + 1}\n0000000000 65535 f \n"));
        foreach (var place in _places.Values)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n"));
        }

        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"trailer\n<< /Size {_places.Count + 1} /Root {root} 0 R /Info {info} 0 R >>\nstartxref\n{at}\n%%EOF\n"));
        return _bytes.ToArray();
    }

    /// <summary>A text as a PDF tells it, in any letters.</summary>
    public static string Words(string text) =>
        $"<{Convert.ToHexString([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)])}>";

    private void Write(string latin) => _bytes.Write(Encoding.Latin1.GetBytes(latin));
}
