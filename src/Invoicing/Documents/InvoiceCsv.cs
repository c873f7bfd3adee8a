using System.Text;

namespace Exchange.Invoicing;

/// <summary>The rows of an invoice as CSV, for spreadsheets: the same words as on the page.</summary>
public static class InvoiceCsv
{
    public static string Of(InvoiceDocument document)
    {
        var text = new StringBuilder("Section,").Append(Line(document, document.Header));
        foreach (var section in document.Sections)
        {
            foreach (var row in section.Rows)
            {
                text.Append(Cell(section.Heading)).Append(',').Append(Line(document, row));
            }
        }

        return text.ToString();
    }

    private static string Line(InvoiceDocument document, DocumentRow row) =>
        string.Join(',', document.Columns.Select(place => Cell(row.Cells[place]))) + "\n";

    /// <summary>A spreadsheet would run a cell that begins like a formula; a mark in front keeps it text.</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && "=+@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\n\r") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
