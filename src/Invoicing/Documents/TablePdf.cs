namespace Exchange.Invoicing;

/// <summary>
/// A table as a PDF whose pages are as wide as the table; its head stands on every page, and the last row, a sum,
/// never stands alone. The same table gives the same bytes.
/// </summary>
public static class TablePdf
{
    private const double PageHeight = 841.89, Margin = 36, RowHeight = 14, Padding = 4, CharacterWidth = 5.6;
    private const string Body = "Inter, DejaVu Sans, sans-serif 7", Bold = "Inter, DejaVu Sans, sans-serif Bold 7";
    private const string Head = "Inter, DejaVu Sans, sans-serif Bold 12";
    private const int MaxShown = 60;

    /// <param name="created">The date that the file names, in ISO 8601.</param>
    /// <exception cref="RefusedException">The system's text and PDF libraries are not installed.</exception>
    public static byte[] Draw(
        string title, string created, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        var widths = columns.Select((column, i) => (CharacterWidth * int.Min(MaxShown, rows
            .Select(row => row[i]?.Length ?? 0).Append(column.Length).Max())) + (2 * Padding)).ToArray();
        var width = widths.Sum() + (2 * Margin);
        using var canvas = new Canvas(width, PageHeight, title, created);
        var fits = (int)((PageHeight - (2 * Margin) - (3 * RowHeight)) / RowHeight) - 1;
        var pages = Pages(rows.Count, fits);
        canvas.Begin(Tag.Document);
        for (var (page, next) = (0, 0); page < pages.Count; next += pages[page++])
        {
            var y = Above(canvas, title, columns, widths, page == 0);
            canvas.Rule(Margin, y + RowHeight, widths.Sum());
            for (var i = next; i < next + pages[page]; i++)
            {
                y += RowHeight;
                Row(canvas, rows[i], widths, y + 2, (i == rows.Count - 1 ? Bold : Body, Tag.TD));
            }

            canvas.Grey(0.45);
            canvas.Say($"Page {page + 1} of {pages.Count}", Margin, PageHeight - Margin, width - (2 * Margin), Body);
            canvas.NextPage();
        }

        canvas.End();
        canvas.End();
        return canvas.Finish();
    }

    /// <summary>Title and head; where they stand again they are not read again.</summary>
    /// <returns>How far down the head stands.</returns>
    private static double Above(
        Canvas canvas, string title, IReadOnlyList<string> columns, double[] widths, bool isFirst)
    {
        var (width, y) = (widths.Sum(), Margin + (2 * RowHeight));
        canvas.Grey(0);
        if (isFirst)
        {
            canvas.Say(Tag.H1, title, (Margin, Margin, width), Head);
            canvas.Begin(Tag.Table);
        }
        else
        {
            canvas.Say(title, Margin, Margin, width, Head);
        }

        Row(canvas, columns, widths, y, (Bold, isFirst ? Tag.TH : null));
        return y;
    }

    /// <summary>How many rows stand on each page; the sum takes a row with it.</summary>
    private static List<int> Pages(int rows, int fits)
    {
        List<int> pages = [];
        for (var left = rows; left > 0; left -= pages[^1])
        {
            pages.Add(left <= fits ? left : left == fits + 1 ? fits - 1 : fits);
        }

        return pages.Count > 0 ? pages : [0];
    }

    private static void Row(
        Canvas canvas, IReadOnlyList<string?> cells, double[] widths, double y, (string Font, Tag? Tag) of)
    {
        var x = Margin;
        Begin(canvas, of.Tag is null ? null : Tag.TR);
        for (var i = 0; i < cells.Count; i++)
        {
            var cell = cells[i] is { Length: > MaxShown } full ? $"{full[..(MaxShown - 1)]}…" : cells[i];
            Begin(canvas, of.Tag);
            if (!string.IsNullOrEmpty(cell))
            {
                canvas.Say(cell, x + Padding, y, widths[i] - Padding, of.Font);
            }

            End(canvas, of.Tag);
            x += widths[i];
        }

        End(canvas, of.Tag);
    }

    private static void Begin(Canvas canvas, Tag? tag)
    {
        if (tag is { } part)
        {
            canvas.Begin(part);
        }
    }

    private static void End(Canvas canvas, Tag? tag)
    {
        if (tag is not null)
        {
            canvas.End();
        }
    }
}
