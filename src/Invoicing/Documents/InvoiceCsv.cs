using System.Text;

namespace Exchange.Invoicing;

/// <summary>The rows of an invoice as CSV, for spreadsheets: the same words as on the page.</summary>
public static class InvoiceCsv
{
    public static string Of(InvoiceDocument document)
    {
        var text = new StringBuilder("Section,").Append(Line(InvoiceDocument.Header));
        foreach (var section in document.Sections)
        {
            foreach (var row in section.Rows)
            {
                text.Append(Cell(section.Heading)).Append(',').Append(Line(row));
            }
        }

        return text.ToString();
    }

    private static string Line(DocumentRow row) => string.Join(',', new[]
    {
        row.What, row.Quantity, row.Rate, row.Amount, row.Funds, row.Owed,
    }.Select(Cell)) + "\n";

    /// <summary>A spreadsheet would run a cell that begins like a formula; a mark in front keeps it text.</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && "=+@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\n\r") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
