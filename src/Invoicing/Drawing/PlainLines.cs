namespace Exchange.Invoicing;

/// <summary>
/// Breaks a text into lines that fit: at blanks, after hyphens and slashes, and inside a word only where it alone is
/// too wide.
/// </summary>
internal static class PlainLines
{
    public static IReadOnlyList<Range> Of(string text, double width, PlainFonts.Face face)
    {
        if (face.WidthOf(text) <= width)
        {
            return [Range.All];
        }

        var lines = new List<Range>();
        for (var start = 0; start < text.Length;)
        {
            var end = EndOf(text, start, width, face);
            lines.Add(start..(start + text.AsSpan(start, end - start).TrimEnd(' ').Length));
            for (start = end; start < text.Length && text[start] == ' ';)
            {
                start++;
            }
        }

        return lines.Count > 0 ? lines : [Range.All];
    }

    /// <summary>Where the line that begins here ends: at the last place to break that fits.</summary>
    private static int EndOf(string text, int start, double width, PlainFonts.Face face)
    {
        var (used, best) = (0.0, start);
        for (var at = start; at < text.Length; at++)
        {
            if (text[at] == ' ')
            {
                best = at;
            }

            used += face.WidthOf(text.AsSpan(at, 1));
            if (used > width && text[at] != ' ')
            {
                return best > start ? best : int.Max(at, start + 1);
            }

            if (text[at] is '-' or '/' && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]))
            {
                best = at + 1;
            }
        }

        return text.Length;
    }
}
