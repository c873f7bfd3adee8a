using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>
/// An invoice as an A4 PDF. A heading never stands alone at the foot of a page, nor a sum alone at the head of one;
/// the totals stay together. The same document gives the same bytes.
/// </summary>
public static class InvoicePdf
{
    private const double PageWidth = 595.28, PageHeight = 841.89, Margin = 48, Foot = 40;
    private const double Width = PageWidth - (2 * Margin), Padding = 3;
    private const string Body = "Inter, DejaVu Sans, sans-serif 7", Bold = "Inter, DejaVu Sans, sans-serif Bold 7";
    private const string Small = "Inter, DejaVu Sans, sans-serif 6.5", Head = "Inter, DejaVu Sans, sans-serif Bold 18";

    /// <summary>Item, quantity, rate, amount, funds, owed: shares of the page's width.</summary>
    private static readonly double[] Columns = [0.3, 0.16, 0.19, 0.115, 0.12, 0.115];

    /// <summary>Something of a height, drawn at a place; some must not be parted from what follows.</summary>
    private sealed record Block(double Height, Action<Canvas, double> Draw, bool KeepsWithNext = false);

    /// <exception cref="RefusedException">The system's text and PDF libraries are not installed.</exception>
    public static byte[] Draw(InvoiceDocument document)
    {
        using var canvas = new Canvas(PageWidth, PageHeight, document.Title, Text.Of(document.At));
        var pages = Paginate(Blocks(canvas, document));
        for (var page = 0; page < pages.Count; page++)
        {
            var y = Margin;
            foreach (var block in pages[page])
            {
                block.Draw(canvas, y);
                y += block.Height;
            }

            canvas.Grey(0.45);
            canvas.Say(document.Title, Margin, PageHeight - Foot, Width / 2, Small);
            var number = $"Page {page + 1} of {pages.Count}";
            canvas.Say(number, Margin + (Width / 2), PageHeight - Foot, Width / 2, Small, Edge.Right);
            canvas.NextPage();
        }

        return canvas.Finish();
    }

    private static List<List<Block>> Paginate(IReadOnlyList<Block> blocks)
    {
        var pages = new List<List<Block>> { new() };
        var used = 0.0;
        for (var i = 0; i < blocks.Count;)
        {
            var end = i;
            while (end < blocks.Count - 1 && blocks[end].KeepsWithNext)
            {
                end++;
            }

            var together = blocks.Skip(i).Take(end - i + 1).ToList();
            var height = together.Sum(block => block.Height);
            if (used > 0 && used + height > PageHeight - Margin - Foot - 16)
            {
                pages.Add([]);
                used = 0;
            }

            pages[^1].AddRange(together);
            used += height;
            i = end + 1;
        }

        return pages;
    }

    private static List<Block> Blocks(Canvas canvas, InvoiceDocument document)
    {
        var blocks = new List<Block> { Top(document) };
        foreach (var section in document.Sections)
        {
            blocks.Add(new(30, (c, y) =>
            {
                c.Colour(0.07, 0.27, 0.45);
                c.Say(section.Heading, Margin, y + 14, Width, "Inter, DejaVu Sans, sans-serif Bold 9.5");
            }, KeepsWithNext: true));
            blocks.Add(Row(canvas, InvoiceDocument.Header, Bold, shaded: true, keeps: true));
            for (var i = 0; i < section.Rows.Length; i++)
            {
                blocks.Add(Row(canvas, section.Rows[i], Body, shaded: false, keeps: i == section.Rows.Length - 1));
            }

            blocks.Add(Row(canvas, section.Sum, Bold, shaded: false, keeps: false));
        }

        blocks.Add(Totals(document.Totals));
        foreach (var note in document.Notes)
        {
            var height = canvas.HeightOf(note, Width, Small) + 5;
            blocks.Add(new(height, (c, y) =>
            {
                c.Grey(0.35);
                c.Say(note, Margin, y, Width, Small);
            }));
        }

        return blocks;
    }

    private static Block Top(InvoiceDocument document)
    {
        var lines = Math.Max(document.Facts.Length, Math.Max(document.From.Length, document.To.Length) + 1);
        return new(64 + (lines * 13), (c, y) =>
        {
            c.Colour(0.07, 0.27, 0.45);
            c.Say(document.Title, Margin, y, Width, Head);
            var third = Width / 3;
            Party(c, "From", document.From, Margin, y + 44, third);
            Party(c, "To", document.To, Margin + third, y + 44, third);
            for (var i = 0; i < document.Facts.Length; i++)
            {
                var (label, value) = document.Facts[i];
                var at = y + 44 + (i * 13);
                c.Grey(0.45);
                c.Say(label, Margin + (2 * third), at, third / 2, Small);
                c.Grey(0.1);
                c.Say(value, Margin + (2.45 * third), at, third * 0.55, Body, Edge.Right);
            }
        });
    }

    private static void Party(Canvas c, string label, ImmutableArray<string> lines, double x, double y, double width)
    {
        c.Grey(0.45);
        c.Say(label, x, y, width, Small);
        c.Grey(0.1);
        for (var i = 0; i < lines.Length; i++)
        {
            c.Say(lines[i], x, y + ((i + 1) * 13), width - 8, i == 0 ? Bold : Body);
        }
    }

    private static Block Row(Canvas canvas, DocumentRow row, string font, bool shaded, bool keeps)
    {
        string[] cells = [row.What, row.Quantity, row.Rate, row.Amount, row.Funds, row.Owed];
        var height = 7 + cells.Select((cell, i) => canvas.HeightOf(
            cell, (Columns[i] * Width) - (2 * Padding), font, i == 0 ? Edge.Left : Edge.Right)).Max();
        return new(height, (c, y) =>
        {
            if (shaded)
            {
                c.Colour(0.92, 0.95, 0.98);
                c.Box(Margin, y, Width, height);
            }

            c.Grey(0.1);
            var x = Margin;
            for (var i = 0; i < cells.Length; i++)
            {
                var width = Columns[i] * Width;
                c.Say(cells[i], x + Padding, y + 3, width - (2 * Padding), font, i == 0 ? Edge.Left : Edge.Right);
                x += width;
            }

            c.Grey(0.85);
            c.Rule(Margin, y + height, Width);
        }, keeps);
    }

    private static Block Totals(ImmutableArray<(string Label, string Amount)> totals) =>
        new(34 + (totals.Length * 16), (c, y) =>
        {
            for (var i = 0; i < totals.Length; i++)
            {
                var last = i == totals.Length - 1;
                var at = y + 18 + (i * 16) + (last ? 4 : 0);
                c.Grey(last ? 0.1 : 0.25);
                if (last)
                {
                    c.Rule(Margin + (Width * 0.4), at - 3, Width * 0.6);
                }

                var font = last ? "Inter, DejaVu Sans, sans-serif Bold 10.5" : Body;
                c.Say(totals[i].Label, Margin + (Width * 0.4), at, Width * 0.44, font);
                c.Say(totals[i].Amount, Margin + (Width * 0.84), at, (Width * 0.16) - Padding, font, Edge.Right);
            }
        });
}
