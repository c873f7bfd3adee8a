using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>
/// An invoice as an A4 PDF. A heading never stands alone at the foot of a page, nor a sum alone at the head of one;
/// the totals stay together. The same document gives the same bytes. In Western letters it is written plainly, else by
/// Pango and Cairo.
/// </summary>
public static partial class InvoicePdf
{
    private const double PageWidth = 595.28, PageHeight = 841.89, Margin = 48, Foot = 40;
    private const double Width = PageWidth - (2 * Margin), Padding = 3;
    private const string Body = "Inter, DejaVu Sans, sans-serif 7", Bold = "Inter, DejaVu Sans, sans-serif Bold 7";
    private const string Small = "Inter, DejaVu Sans, sans-serif 6.5", Head = "Inter, DejaVu Sans, sans-serif Bold 18";

    private const string Section = "Inter, DejaVu Sans, sans-serif Bold 9.5";
    private const string Due = "Inter, DejaVu Sans, sans-serif Bold 10.5";
    private const int MaxTitle = 60;

    /// <summary>Item, quantity, rate, amount, funds, owed: shares of the page's width.</summary>
    private static readonly double[] Shares = [0.3, 0.16, 0.19, 0.115, 0.12, 0.115];

    /// <summary>Something of a height, drawn at a place; some must not be parted from what follows.</summary>
    private sealed record Block(double Height, Action<IPaper, double> Draw, bool KeepsWithNext = false)
    {
        /// <summary>What stands above it when it is the first on a page.</summary>
        public IReadOnlyList<Block> Above { get; init; } = [];
    }

    /// <exception cref="RefusedException">The system's text and PDF libraries are not installed.</exception>
    /// <param name="logo">The PNG of the document's logo; null where it has none.</param>
    public static byte[] Draw(InvoiceDocument document, byte[]? logo = null)
    {
        var created = Text.Of(document.At);
        foreach (var fonts in logo is null ? PlainFonts.Made : [])
        {
            using var plain = new PlainPaper(fonts, PageWidth, PageHeight, document.Title, created);
            var drawn = Draw(plain, document, null);
            if (!plain.Lacks)
            {
                return drawn;
            }
        }

        using var canvas = new Canvas(PageWidth, PageHeight, document.Title, created);
        return Draw(canvas, document, logo);
    }

    private static byte[] Draw(IPaper canvas, InvoiceDocument document, byte[]? logo)
    {
        var pages = Paginate([.. Above(logo), .. Blocks(canvas, document)]);
        var foot = document.Title.Length > MaxTitle ? $"{document.Title[..MaxTitle]}…" : document.Title;
        for (var page = 0; page < pages.Count; page++)
        {
            var y = Margin;
            foreach (var block in pages[page])
            {
                block.Draw(canvas, y);
                y += block.Height;
            }

            canvas.Grey(0.45);
            canvas.Say(foot, Margin, PageHeight - Foot, Width / 2, Small);
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
                pages.Add([.. together[0].Above]);
                used = together[0].Above.Sum(block => block.Height);
            }

            pages[^1].AddRange(together);
            used += height;
            i = end + 1;
        }

        return pages;
    }

    private static List<Block> Blocks(IPaper canvas, InvoiceDocument document)
    {
        var blocks = new List<Block> { Top(canvas, document) };
        foreach (var section in document.Sections)
        {
            var columns = Columns(document);
            var header = Row(canvas, columns, document.Header, Bold, shaded: true, keeps: true);
            IReadOnlyList<Block> above = [Heading(canvas, $"{section.Heading} (continued)"), header];
            blocks.AddRange([Heading(canvas, section.Heading), header]);
            for (var i = 0; i < section.Rows.Length; i++)
            {
                blocks.Add(Row(
                    canvas, columns, section.Rows[i], Body, shaded: false, keeps: i == section.Rows.Length - 1) with
                {
                    Above = above,
                });
            }

            blocks.Add(Row(canvas, columns, section.Sum, Bold, shaded: false, keeps: false));
        }

        blocks.Add(Totals(canvas, document.Totals));
        if (document.Remittance.Length > 0)
        {
            blocks.Add(Remittance(canvas, document.Remittance));
        }

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

    /// <summary>The columns that are shown, with their widths; what others leave is shared by them.</summary>
    private static (int Place, double Width)[] Columns(InvoiceDocument document)
    {
        var left = Shares.Where((_, place) => !document.Columns.Contains(place)).Sum() / document.Columns.Length;
        return [.. document.Columns.Select(place => (place, (Shares[place] + left) * Width))];
    }

    private static Block Heading(IPaper canvas, string heading) =>
        new(18 + canvas.HeightOf(heading, Width, Section), (c, y) =>
        {
            c.Colour(0.07, 0.27, 0.45);
            c.Say(heading, Margin, y + 14, Width, Section);
        }, KeepsWithNext: true);

    private static Block Top(IPaper canvas, InvoiceDocument document)
    {
        const double Third = Width / 3;
        var title = canvas.HeightOf(document.Title, Width, Head) + 20;
        var parties = Math.Max(HeightOf(canvas, document.From, Third), HeightOf(canvas, document.To, Third));
        return new(title + Math.Max(document.Facts.Length * 13, parties + 13) + 18, (c, y) =>
        {
            c.Colour(0.07, 0.27, 0.45);
            c.Say(document.Title, Margin, y, Width, Head);
            Party(c, "From", document.From, Margin, y + title, Third);
            Party(c, "To", document.To, Margin + Third, y + title, Third);
            for (var i = 0; i < document.Facts.Length; i++)
            {
                var (label, value) = document.Facts[i];
                var at = y + title + (i * 13);
                c.Grey(0.45);
                c.Say(label, Margin + (2 * Third), at, Third / 2, Small);
                c.Grey(0.1);
                c.Say(value, Margin + (2.45 * Third), at, Third * 0.55, Body, Edge.Right);
            }
        });
    }

    private static double HeightOf(IPaper canvas, ImmutableArray<string> lines, double width) =>
        lines.Select((line, i) => canvas.HeightOf(line, width - 8, i == 0 ? Bold : Body) + 4).Sum();

    private static void Party(IPaper c, string label, ImmutableArray<string> lines, double x, double y, double width)
    {
        c.Grey(0.45);
        c.Say(label, x, y, width, Small);
        c.Grey(0.1);
        var at = y + 13;
        for (var i = 0; i < lines.Length; i++)
        {
            var font = i == 0 ? Bold : Body;
            c.Say(lines[i], x, at, width - 8, font);
            at += c.HeightOf(lines[i], width - 8, font) + 4;
        }
    }

    private static Block Row(
        IPaper canvas, (int Place, double Width)[] columns, DocumentRow row, string font, bool shaded, bool keeps)
    {
        var height = 7 + columns.Max(column => canvas.HeightOf(
            row.Cells[column.Place], column.Width - (2 * Padding), font, EdgeOf(column.Place)));
        return new(height, (c, y) =>
        {
            if (shaded)
            {
                c.Colour(0.92, 0.95, 0.98);
                c.Box(Margin, y, Width, height);
            }

            c.Grey(0.1);
            var x = Margin;
            foreach (var (place, width) in columns)
            {
                c.Say(row.Cells[place], x + Padding, y + 3, width - (2 * Padding), font, EdgeOf(place));
                x += width;
            }

            c.Grey(0.85);
            c.Rule(Margin, y + height, Width);
        }, keeps);
    }

    private static Edge EdgeOf(int place) => place == 0 ? Edge.Left : Edge.Right;

    private static Block Totals(IPaper canvas, ImmutableArray<(string Label, string Amount)> totals)
    {
        string FontOf(int i) => i == totals.Length - 1 ? Due : Body;
        double[] heights =
            [.. totals.Select((total, i) => Math.Max(16, canvas.HeightOf(total.Label, Width * 0.44, FontOf(i)) + 5))];
        return new(34 + heights.Sum(), (c, y) =>
        {
            var at = y + 18;
            for (var i = 0; i < totals.Length; i++)
            {
                var last = i == totals.Length - 1;
                at += last ? 4 : 0;
                c.Grey(last ? 0.1 : 0.25);
                if (last)
                {
                    c.Rule(Margin + (Width * 0.4), at - 3, Width * 0.6);
                }

                c.Say(totals[i].Label, Margin + (Width * 0.4), at, Width * 0.44, FontOf(i));
                c.Say(
                    totals[i].Amount, Margin + (Width * 0.84), at, (Width * 0.16) - Padding, FontOf(i), Edge.Right);
                at += heights[i];
            }
        });
    }
}
