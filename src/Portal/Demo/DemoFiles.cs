using Exchange.Invoicing;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Journal;

namespace Exchange.Portal.Demo;

/// <summary>Writes the invoices and reports of a month of the demonstration as files.</summary>
internal static class DemoFiles
{
    /// <returns>How many files there are.</returns>
    public static async Task<int> Write(
        Composition exchange, BillingMonth month, string directory, Action<string> say, CancellationToken ct)
    {
        var invoices = Directory.CreateDirectory(Path.Combine(directory, "invoices")).FullName;
        var rows = await InvoiceList.Run(exchange.Database, new(month, Limit: 10_000), ct);
        var written = 0;
        foreach (var row in rows.Where(row => row.Number is not null))
        {
            var number = row.Number!;
            say($"Writing {number} …");
            var document = FindInvoice.Document(await exchange.Journal.State(Invoice.Fold, row.Id, ct));
            await File.WriteAllBytesAsync(
                Path.Combine(invoices, $"{number}.pdf"),
                await KeepDocuments.Pdf(exchange.Sources, row.Id, exchange.Clock.GetCurrentInstant(), ct), ct);
            await File.WriteAllTextAsync(Path.Combine(invoices, $"{number}.csv"), InvoiceCsv.Of(document), ct);
            written += 2;
        }

        foreach (var report in (Func<Task<Exported>>[])[
            () => ChargesExport.Run(exchange.Sources, new(month), directory, ct),
            () => FocusExport.Run(exchange.Sources, new(month), directory, ct),
            () => SettlementExport.Run(exchange.Sources, new(month), directory, ct),
            () => JournalExport.Run(exchange.Sources, new(month), directory, ct)])
        {
            written += (await report()).Files.Count;
        }

        return written;
    }
}
