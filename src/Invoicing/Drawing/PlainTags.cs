using System.Globalization;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>The parts of a PDF that is being written plainly, and where on which page each one's text is.</summary>
internal sealed class PlainTags
{
    private readonly List<Part> _parts = [];
    private readonly Stack<int> _open = new();
    private readonly List<List<int>> _marked = [[]];

    /// <param name="Mark">Which text of its page it holds; -1 where it holds other parts.</param>
    /// <param name="Alt">What is said of it where it is no text.</param>
    private sealed record Part(Tag Tag, int Parent, int Page, int Mark, string? Alt)
    {
        public List<int> Within { get; } = [];
    }

    /// <returns>The number of the text on its page; null for what holds other parts.</returns>
    public int? Begin(Tag tag, string? alt)
    {
        var (parent, page, number) = (_open.Count == 0 ? -1 : _open.Peek(), _marked.Count - 1, _parts.Count);
        var mark = tag < Tag.H1 ? -1 : _marked[page].Count;
        _parts.Add(new(tag, parent, page, mark, alt));
        _open.Push(number);
        if (parent >= 0)
        {
            _parts[parent].Within.Add(number);
        }

        if (mark < 0)
        {
            return null;
        }

        _marked[page].Add(number);
        return mark;
    }

    /// <returns>What ended.</returns>
    public Tag End() => _parts[_open.Pop()].Tag;

    public void NextPage() => _marked.Add([]);

    /// <returns>The number of the object that says it all.</returns>
    public int Put(PlainFile file, IReadOnlyList<int> pages)
    {
        var (root, first) = (file.Reserve(), file.Reserve(_parts.Count));
        var text = new StringBuilder();
        foreach (var (i, part) in _parts.Index())
        {
            var parent = part.Parent < 0 ? root : first + part.Parent;
            text.Clear().Append(CultureInfo.InvariantCulture, $"<< /S /{part.Tag} /P {parent} 0 R ");
            _ = part.Mark < 0
                ? References(text.Append("/K "), part.Within, first)
                : text.Append(CultureInfo.InvariantCulture, $"/Pg {pages[part.Page]} 0 R /K {part.Mark}");
            var said = part.Alt is { } alt ? $" /Alt {PlainFile.Words(alt)}" : "";
            file.Put(first + i, text.Append(said).Append(" >>").ToString());
        }

        text.Clear();
        foreach (var (page, marked) in _marked.Take(pages.Count).Index())
        {
            References(text.Append(CultureInfo.InvariantCulture, $"{page} "), marked, first).Append(' ');
        }

        file.Put(root, string.Create(
            CultureInfo.InvariantCulture,
            $"<< /Type /StructTreeRoot /K {first} 0 R /ParentTree << /Nums [{text}] >> >>"));
        return root;
    }

    private static StringBuilder References(StringBuilder text, List<int> parts, int first)
    {
        text.Append('[');
        foreach (var part in parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{first + part} 0 R ");
        }

        return text.Append(']');
    }
}
