using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>What an invoice shows of its issuer: the logo, and where to pay to.</summary>
public static partial class InvoicePdf
{
    private const double LogoHeight = 44;

    /// <summary>The logo, above everything else.</summary>
    private static IEnumerable<Block> Above(byte[]? logo, ImmutableArray<string> from) => logo is null
        ? []
        :
        [
            new(LogoHeight + 12, (c, y) => c.Picture(
                logo, from is [var issuer, ..] ? $"Logo of {issuer}" : "Logo", Margin, y, Width / 3, LogoHeight),
                KeepsWithNext: true),
        ];

    /// <summary>Where to pay to, set apart from the totals.</summary>
    private static Block Remittance(IPaper canvas, ImmutableArray<string> lines)
    {
        const double Within = Width - (4 * Padding);
        double[] heights = [.. lines.Select(line => canvas.HeightOf(line, Within, Body) + 3)];
        return new(34 + heights.Sum(), (c, y) =>
        {
            c.Colour(0.96, 0.97, 0.99);
            c.Box(Margin, y + 8, Width, 20 + heights.Sum());
            c.Grey(0.1);
            c.Say(Tag.H2, "Payment instructions", (Margin + (2 * Padding), y + 12, Within), Bold);
            var at = y + 25;
            for (var i = 0; i < lines.Length; i++)
            {
                c.Say(Tag.P, lines[i], (Margin + (2 * Padding), at, Within), Body);
                at += heights[i];
            }
        });
    }
}
