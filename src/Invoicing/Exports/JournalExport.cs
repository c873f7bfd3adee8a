using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Metering.Csv;
using NodaTime.Text;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// 'exchange export journal' — the entries of a month for accounting: as CSV, and as text that ledger, hledger and
/// beancount read.
/// </summary>
public static class JournalExport
{
    private static readonly string[] Columns =
    [
        "month", "entry", "date", "at", "account", "debit", "credit", "currency", "reference", "what",
    ];

    /// <summary>The layouts of ERPs beside CSV, ledger and beancount, which come together.</summary>
    public static IReadOnlyList<string> Layouts { get; } = [.. ErpLayout.All.Select(layout => layout.Name)];

    /// <exception cref="RefusedException">An ERP's layout is wanted, and the chart of accounts lacks something.
    /// </exception>
    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct) =>
        ErpLayout.All.FirstOrDefault(one => one.Name == wanted.Layout) is { } layout
            ? await ErpJournal.Run(sources, wanted, layout, directory, ct)
            : await Plain(sources, wanted, directory, ct);

    private static async Task<Exported> Plain(
        Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        string[] files = [.. ((string[])["csv", "ledger", "beancount"]).Select(as_ => $"journal-{wanted.Month}.{as_}")];
        await using var table = ReportFile.Begin(directory, files[0]);
        await using var ledger = ReportFile.Begin(directory, files[1]);
        await using var beancount = ReportFile.Begin(directory, files[2]);
        await beancount.Text.WriteAsync(BeancountText.Heading);
        long rows;
        await using (var csv = new CsvWriter(table.Text, exact: false))
        {
            await csv.Add(Columns);
            var place = 0;
            await using var connection = await sources.Database.OpenConnectionAsync(ct);
            await foreach (var entry in LedgerEntries.Run(connection, wanted.By, wanted.Month, wanted.AsOf, ct))
            {
                place++;
                foreach (var posting in entry.Postings)
                {
                    await csv.Add(Cells(wanted.Month, place, entry, posting));
                }

                await ledger.Text.WriteAsync(AsLedger(entry));
                await beancount.Text.WriteAsync(BeancountText.Of(entry));
            }

            rows = csv.Count;
        }

        await table.Finish(ct);
        await ledger.Finish(ct);
        await beancount.Finish(ct);
        return new(files, rows, await MonthLines.IsClosed(sources, wanted.Month, ct)
            ? []
            : [$"{wanted.Month} is open: what closing it will post is not among these entries."]);
    }

    private static string[] Cells(BillingMonth month, int place, LedgerEntry entry, Posting posting) =>
    [
        entry.Period.ToString(), $"{month}/{place}", DateOf(entry), Text.Of(entry.At), posting.Account,
        posting.Amount > Money.Zero ? posting.Amount.Plain : "",
        posting.Amount < Money.Zero ? (-posting.Amount).Plain : "",
        posting.Amount.Currency.ToString(), entry.Reference, entry.What,
    ];

    private static string AsLedger(LedgerEntry entry) =>
        $"{DateOf(entry)} * {entry.What}  ; {entry.Reference}\n" + string.Concat(entry.Postings.Select(
            p => $"    {p.Account}  {p.Amount.Currency} {p.Amount.Plain}\n")) + "\n";

    internal static string DateOf(LedgerEntry entry) => LocalDatePattern.Iso.Format(entry.Posted);
}
