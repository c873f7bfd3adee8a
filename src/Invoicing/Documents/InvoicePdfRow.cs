namespace Exchange.Invoicing;

/// <summary>The tables of an invoice: a heading, a head, rows and their sum.</summary>
public static partial class InvoicePdf
{
    private static IEnumerable<Block> Table(IPaper canvas, InvoiceDocument document, DocumentSection section)
    {
        var columns = Columns(document);
        var header = Row(canvas, columns, document.Header, Bold, null) with { KeepsWithNext = true };
        IReadOnlyList<Block> above = [Heading(canvas, $"{section.Heading} (continued)", null), header];
        yield return Heading(canvas, section.Heading, Tag.H2);
        yield return Row(canvas, columns, document.Header, Bold, Tag.TH) with { KeepsWithNext = true };
        for (var i = 0; i < section.Rows.Length; i++)
        {
            yield return Row(canvas, columns, section.Rows[i], Body, Tag.TD) with
            {
                KeepsWithNext = i == section.Rows.Length - 1,
                Above = above,
            };
        }

        var sum = Row(canvas, columns, section.Sum, Bold, Tag.TD);
        yield return sum with
        {
            Draw = (c, y) =>
            {
                sum.Draw(c, y);
                c.End(); // The table, which began with its head.
            },
        };
    }

    /// <param name="tag">What its cells are: heads begin a table; null where it stands again.</param>
    private static Block Row(
        IPaper canvas, (int Place, double Width)[] columns, DocumentRow row, string font, Tag? tag)
    {
        var height = 7 + columns.Max(column => canvas.HeightOf(
            row.Cells[column.Place], column.Width - (2 * Padding), font, EdgeOf(column.Place)));
        return new(height, (c, y) =>
        {
            if (tag != Tag.TD)
            {
                c.Colour(0.92, 0.95, 0.98);
                c.Box(Margin, y, Width, height);
            }

            Begin(c, tag);
            c.Grey(0.1);
            var x = Margin;
            foreach (var (place, width) in columns)
            {
                Say(c, tag, row.Cells[place], (x + Padding, y + 3, width - (2 * Padding)), font, EdgeOf(place));
                x += width;
            }

            if (tag is not null)
            {
                c.End();
            }

            c.Grey(0.85);
            c.Rule(Margin, y + height, Width);
        });
    }

    private static void Begin(IPaper c, Tag? cells)
    {
        if (cells == Tag.TH)
        {
            c.Begin(Tag.Table);
        }

        if (cells is not null)
        {
            c.Begin(Tag.TR);
        }
    }

    private static Edge EdgeOf(int place) => place == 0 ? Edge.Left : Edge.Right;
}
