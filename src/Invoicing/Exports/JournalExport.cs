using System.Globalization;
using System.Runtime.CompilerServices;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using Exchange.Metering.Csv;
using NodaTime;
using NodaTime.Text;
using Npgsql;

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

    private static readonly Instant Forever = Instant.FromUtc(9998, 12, 31, 0, 0);

    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
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
            await foreach (var entry in Entries(sources.Database, wanted, ct))
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

    /// <summary>What the close of the month posted, then what was paid, credited and taken back in it.</summary>
    private static async IAsyncEnumerable<LedgerEvent.Posted> Entries(
        NpgsqlDataSource database, Wanted wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select position, reference, what, at, array_agg(account order by account),
              array_agg(cents order by account)
            from invoicing.posting
            where month = $1 and at < $2
            group by position, reference, what, at
            order by position
            """;

        await using var command = database.Statement(
            Sql, [wanted.Month.ToString(), (wanted.AsOf ?? Forever).ToDateTimeUtc()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return new(
                rows.GetString(1), rows.GetString(2),
                [.. rows.GetFieldValue<string[]>(4).Zip(rows.GetFieldValue<long[]>(5))
                    .Select(pair => new Posting(pair.First, new(pair.Second)))],
                Instant.FromDateTimeUtc(rows.GetDateTime(3)));
        }
    }

    private static string[] Cells(BillingMonth month, int place, LedgerEvent.Posted entry, Posting posting) =>
    [
        month.ToString(), $"{month}/{place}", DateOf(entry), Text.Of(entry.At), posting.Account,
        posting.Amount > Money.Zero ? Of(posting.Amount) : "", posting.Amount < Money.Zero ? Of(-posting.Amount) : "",
        posting.Amount.Currency.ToString(), entry.Reference, entry.What,
    ];

    private static string AsLedger(LedgerEvent.Posted entry) =>
        $"{DateOf(entry)} * {entry.What}  ; {entry.Reference}\n" + string.Concat(entry.Postings.Select(
            p => $"    {p.Account}  {p.Amount.Currency} {Of(p.Amount)}\n")) + "\n";

    internal static string DateOf(LedgerEvent.Posted entry) => LocalDatePattern.Iso.Format(entry.At.InUtc().Date);

    internal static string Of(Money money) => money.Amount.ToString("0.00", CultureInfo.InvariantCulture);
}
