using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>What an invoice begins with: its title, who it is from and to, and what is to be known of it.</summary>
public static partial class InvoicePdf
{
    private static Block Top(IPaper canvas, InvoiceDocument document)
    {
        const double Third = Width / 3;
        var title = canvas.HeightOf(document.Title, Width, Head) + 20;
        var parties = Math.Max(HeightOf(canvas, document.From, Third), HeightOf(canvas, document.To, Third));
        return new(title + Math.Max(document.Facts.Length * 13, parties + 13) + 18, (c, y) =>
        {
            c.Colour(0.07, 0.27, 0.45);
            c.Say(Tag.H1, document.Title, (Margin, y, Width), Head);
            Party(c, "From", document.From, Margin, y + title, Third);
            Party(c, "To", document.To, Margin + Third, y + title, Third);
            c.Begin(Tag.Table);
            for (var i = 0; i < document.Facts.Length; i++)
            {
                var (label, value) = document.Facts[i];
                var at = y + title + (i * 13);
                c.Begin(Tag.TR);
                c.Grey(0.45);
                c.Say(Tag.TH, label, (Margin + (2 * Third), at, Third / 2), Small);
                c.Grey(0.1);
                c.Say(Tag.TD, value, (Margin + (2.45 * Third), at, Third * 0.55), Body, Edge.Right);
                c.End();
            }

            c.End();
        });
    }

    private static double HeightOf(IPaper canvas, ImmutableArray<string> lines, double width) =>
        lines.Select((line, i) => canvas.HeightOf(line, width - 8, i == 0 ? Bold : Body) + 4).Sum();

    private static void Party(IPaper c, string label, ImmutableArray<string> lines, double x, double y, double width)
    {
        c.Grey(0.45);
        c.Say(Tag.P, label, (x, y, width), Small);
        c.Grey(0.1);
        var at = y + 13;
        for (var i = 0; i < lines.Length; i++)
        {
            var font = i == 0 ? Bold : Body;
            c.Say(Tag.P, lines[i], (x, at, width - 8), font);
            at += c.HeightOf(lines[i], width - 8, font) + 4;
        }
    }
}
