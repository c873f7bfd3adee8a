using System.Text;

namespace Exchange.Invoicing;

/// <summary>A document as plain text, for golden files and terminals.</summary>
public static class InvoiceText
{
    /// <summary>Of the columns as text; what is below zero stands to the left.</summary>
    private static readonly int[] Widths = [-46, 22, 30, 14, 16, 14];

    public static string AsText(this InvoiceDocument document)
    {
        var text = new StringBuilder().AppendLine(document.Title).AppendLine();
        foreach (var party in document.From.Select(line => $"From  {line}")
            .Concat(document.To.Select(line => $"To    {line}")))
        {
            text.AppendLine(party);
        }

        text.AppendLine();
        foreach (var (label, value) in document.Facts)
        {
            text.AppendLine($"{label,-14}{value}");
        }

        foreach (var section in document.Sections)
        {
            text.AppendLine().AppendLine(section.Heading);
            foreach (var row in (DocumentRow[])[document.Header, .. section.Rows, section.Sum])
            {
                text.AppendLine("  " + string.Concat(document.Columns.Select(place => Widths[place] < 0
                    ? row.Cells[place].PadRight(-Widths[place])
                    : row.Cells[place].PadLeft(Widths[place]))));
            }
        }

        text.AppendLine();
        foreach (var (label, amount) in document.Totals)
        {
            text.AppendLine($"{label,-60}{amount,16}");
        }

        Close(text, document);
        return text.ToString();
    }

    /// <summary>Where to pay to, and what else is said.</summary>
    private static void Close(StringBuilder text, InvoiceDocument document)
    {
        if (document.Remittance.Length > 0)
        {
            text.AppendLine();
            foreach (var line in document.Remittance)
            {
                text.AppendLine($"Pay to  {line}");
            }
        }

        foreach (var note in document.Notes)
        {
            text.AppendLine().AppendLine(note);
        }
    }
}
