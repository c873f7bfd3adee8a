using System.Text;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing;

/// <summary>The rows of an invoice as CSV, for spreadsheets: the same words as on the page.</summary>
public static class InvoiceCsv
{
    public static string Of(InvoiceDocument document)
    {
        var text = new StringBuilder(Line("Section", document, document.Header));
        foreach (var section in document.Sections)
        {
            foreach (var row in section.Rows)
            {
                text.Append(Line(section.Heading, document, row));
            }
        }

        return text.ToString();
    }

    private static string Line(string first, InvoiceDocument document, DocumentRow row) => CsvWriter.Row(
        document.Columns.Select(place => row.Cells[place]).Prepend(first), exact: false);
}
