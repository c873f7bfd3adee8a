using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>
/// An invoice as an A4 PDF. A heading never stands alone at the foot of a page, nor a sum alone at the head of one;
/// the totals stay together. Its parts are tagged for whoever hears it read. The same document gives the same bytes. In
/// Western letters it is written plainly, else by Pango and Cairo.
/// </summary>
public static partial class InvoicePdf
{
    private const double PageWidth = 595.28, PageHeight = 841.89, Margin = 48, Foot = 40;
    private const double Width = PageWidth - (2 * Margin), Padding = 3;
    private const string Body = "Inter, DejaVu Sans, sans-serif 6.5", Bold = "Inter, DejaVu Sans, sans-serif Bold 6.5";
    private const string Small = Body, Head = "Inter, DejaVu Sans, sans-serif Bold 18";

    private const string Section = "Inter, DejaVu Sans, sans-serif Bold 9.5";
    private const string Due = "Inter, DejaVu Sans, sans-serif Bold 10.5";
    private const int MaxTitle = 60;

    /// <summary>Item, quantity, rate, amount, funds, owed: shares of the page's width.</summary>
    private static readonly double[] Shares = [0.25, 0.15, 0.175, 0.14, 0.14, 0.145];

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
        return Plainly(document, logo) ?? Shaped(document, logo);
    }

    /// <summary>Without Pango and Cairo; null where it needs them for a letter, or they embed fonts in another way.
    /// </summary>
    internal static byte[]? Plainly(InvoiceDocument document, byte[]? logo)
    {
        foreach (var fonts in PlainFonts.Made)
        {
            using var plain = new PlainPaper(fonts, PageWidth, PageHeight, document.Title, Text.Of(document.At));
            var drawn = Draw(plain, document, logo);
            if (!plain.Lacks)
            {
                return drawn;
            }
        }

        return null;
    }

    internal static byte[] Shaped(InvoiceDocument document, byte[]? logo)
    {
        using var canvas = new Canvas(PageWidth, PageHeight, document.Title, Text.Of(document.At));
        return Draw(canvas, document, logo);
    }

    private static byte[] Draw(IPaper canvas, InvoiceDocument document, byte[]? logo)
    {
        var pages = Paginate([.. Above(logo, document.From), .. Blocks(canvas, document)]);
        var foot = document.Title.Length > MaxTitle ? $"{document.Title[..MaxTitle]}…" : document.Title;
        canvas.Begin(Tag.Document);
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

        canvas.End();
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
            blocks.AddRange(Table(canvas, document, section));
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
                c.Say(Tag.P, note, (Margin, y, Width), Small);
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

    /// <param name="tag">Null where it stands again, and is not read again.</param>
    private static Block Heading(IPaper canvas, string heading, Tag? tag) =>
        new(18 + canvas.HeightOf(heading, Width, Section), (c, y) =>
        {
            c.Colour(0.07, 0.27, 0.45);
            Say(c, tag, heading, (Margin, y + 14, Width), Section);
        }, KeepsWithNext: true);

    private static void Say(
        IPaper c, Tag? tag, string text, (double X, double Y, double Width) at, string font, Edge edge = Edge.Left)
    {
        if (tag is { } part)
        {
            c.Say(part, text, at, font, edge);
        }
        else
        {
            c.Say(text, at.X, at.Y, at.Width, font, edge);
        }
    }

    private static Block Totals(IPaper canvas, ImmutableArray<(string Label, string Amount)> totals)
    {
        string FontOf(int i) => i == totals.Length - 1 ? Due : Body;
        double[] heights =
            [.. totals.Select((total, i) => Math.Max(16, canvas.HeightOf(total.Label, Width * 0.44, FontOf(i)) + 5))];
        return new(34 + heights.Sum(), (c, y) =>
        {
            var at = y + 18;
            c.Begin(Tag.Table);
            for (var i = 0; i < totals.Length; i++)
            {
                var last = i == totals.Length - 1;
                at += last ? 4 : 0;
                c.Grey(last ? 0.1 : 0.25);
                if (last)
                {
                    c.Rule(Margin + (Width * 0.4), at - 3, Width * 0.6);
                }

                c.Begin(Tag.TR);
                c.Say(Tag.TH, totals[i].Label, (Margin + (Width * 0.4), at, Width * 0.44), FontOf(i));
                c.Say(
                    Tag.TD, totals[i].Amount, (Margin + (Width * 0.84), at, (Width * 0.16) - Padding), FontOf(i),
                    Edge.Right);
                c.End();
                at += heights[i];
            }

            c.End();
        });
    }
}
