using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Invoicing;

/// <summary>
/// The objects of a PDF that Cairo wrote, to be put into another file: an embedded font with all that it refers to.
/// </summary>
internal sealed partial class CairoObjects
{
    private readonly Dictionary<int, string> _objects = [];

    /// <param name="pdf">A file of the version 1.4, which has a plain table of its objects.</param>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public CairoObjects(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf); // A character for each byte.
        if (!Table().IsMatch(text, int.Max(text.LastIndexOf("startxref", StringComparison.Ordinal), 0)) ||
            text.IndexOf("\nxref\n", StringComparison.Ordinal) is not (> 0 and var table))
        {
            throw new InvalidDataException("Cairo wrote a PDF without a table of its objects.");
        }

        List<int> starts = [.. Entry().Matches(text[table..])
            .Select(entry => int.Parse(entry.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Order()];
        foreach (var (i, at) in starts.Index())
        {
            var head = Head().Match(text, at);
            var end = i + 1 < starts.Count ? starts[i + 1] : text.Length;
            var close = text.LastIndexOf("endobj", end - 1, end - at, StringComparison.Ordinal);
            if (!head.Success || close < 0)
            {
                throw new InvalidDataException($"Cairo wrote a PDF that has no object at {at}.");
            }

            _objects[int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture)] =
                text[(head.Index + head.Length)..close];
        }
    }

    /// <summary>The objects whose dictionary has all of these words.</summary>
    public IReadOnlyList<int> With(params IReadOnlyList<string> words) =>
    [
        .. _objects.Where(of => words.All(word => Dictionary(of.Value).Contains(word, StringComparison.Ordinal)))
            .Select(of => of.Key).Order(),
    ];

    /// <summary>The numbers in an array of an object: '/Widths [ 318 … ]'.</summary>
    public IReadOnlyList<int> Numbers(int of, string name)
    {
        var all = Regex.Match(
            Dictionary(_objects[of]), $@"/{name} \[?([-0-9 ]+)", RegexOptions.CultureInvariant).Groups[1].Value;
        return [.. all.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => int.Parse(one, CultureInfo.InvariantCulture))];
    }

    /// <summary>Puts a stream in the place of an object.</summary>
    public void Replace(int number, string latin)
    {
        var packed = PlainFile.Pack(latin);
        _objects[number] = string.Create(
            CultureInfo.InvariantCulture,
            $"<< /Filter /FlateDecode /Length {packed.Length} >>\nstream\n{Encoding.Latin1.GetString(packed)}\n" +
            $"endstream\n");
    }

    /// <summary>An object and all that it refers to, itself first, renumbered from a number on.</summary>
    public IReadOnlyList<byte[]> From(int root, int first)
    {
        List<int> order = [root];
        for (var next = 0; next < order.Count; next++)
        {
            order.AddRange(Reference().Matches(Dictionary(_objects[order[next]]))
                .Select(NumberIn).Where(number => !order.Contains(number)).Distinct().ToList());
        }

        return
        [
            .. order.Select(number =>
            {
                var (whole, dictionary) = (_objects[number], Dictionary(_objects[number]));
                var moved = Reference().Replace(dictionary, found => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{first + order.IndexOf(NumberIn(found))} 0 R"));
                return Encoding.Latin1.GetBytes(moved + whole[dictionary.Length..]);
            }),
        ];
    }

    private static int NumberIn(Match found) => int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    /// <summary>An object up to its stream.</summary>
    private static string Dictionary(string whole) =>
        whole.IndexOf("\nstream", StringComparison.Ordinal) is >= 0 and var at ? whole[..at] : whole;

    [GeneratedRegex(@"startxref\s+[0-9]+\s+%%EOF")]
    private static partial Regex Table();

    [GeneratedRegex("([0-9]{10}) 00000 n")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\G([0-9]+) 0 obj\s*")]
    private static partial Regex Head();

    [GeneratedRegex(@"\b([0-9]+) 0 R\b")]
    private static partial Regex Reference();
}
