using System.Globalization;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
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

    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        var entries = await Entries(sources.Database, wanted.Month, ct);
        string[] files = [.. ((string[])["csv", "ledger", "beancount"]).Select(as_ => $"journal-{wanted.Month}.{as_}")];
        var rows = await Csv(wanted.Month, entries, directory, files[0], ct);
        await Write(directory, files[1], "", entries.Select(AsLedger), ct);
        await Write(directory, files[2], BeancountText.Heading, entries.Select(BeancountText.Of), ct);
        return new(files, rows, await MonthLines.IsClosed(sources, wanted.Month, ct)
            ? []
            : [$"{wanted.Month} is open: what closing it will post is not among these entries."]);
    }

    /// <summary>What the close of the month posted, then what was paid, credited and taken back in it.</summary>
    private static async Task<IReadOnlyList<LedgerEvent.Posted>> Entries(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select position, reference, what, at, array_agg(account order by account),
              array_agg(cents order by account)
            from invoicing.posting
            where month = $1
            group by position, reference, what, at
            order by position
            """;

        await using var command = database.Statement(Sql, [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var entries = new List<LedgerEvent.Posted>();
        while (await rows.ReadAsync(ct))
        {
            entries.Add(new(
                rows.GetString(1), rows.GetString(2),
                [.. rows.GetFieldValue<string[]>(4).Zip(rows.GetFieldValue<long[]>(5))
                    .Select(pair => new Posting(pair.First, new(pair.Second)))],
                Instant.FromDateTimeUtc(rows.GetDateTime(3))));
        }

        return entries;
    }

    private static async Task<long> Csv(
        BillingMonth month, IReadOnlyList<LedgerEvent.Posted> entries, string directory, string name,
        CancellationToken ct)
    {
        await using var file = ReportFile.Begin(directory, name);
        var rows = await Csv(month, entries, file.Text);
        await file.Finish(ct);
        return rows;
    }

    private static async Task<long> Csv(
        BillingMonth month, IReadOnlyList<LedgerEvent.Posted> entries, TextWriter text)
    {
        await using var csv = new CsvRows(text, exact: false);
        await csv.Add(Columns);
        foreach (var (entry, place) in entries.Select((entry, i) => (entry, i + 1)))
        {
            foreach (var posting in entry.Postings)
            {
                await csv.Add([
                    month.ToString(), $"{month}/{place}", DateOf(entry), Text.Of(entry.At), posting.Account,
                    posting.Amount > Money.Zero ? Of(posting.Amount) : "",
                    posting.Amount < Money.Zero ? Of(-posting.Amount) : "",
                    posting.Amount.Currency.ToString(), entry.Reference, entry.What]);
            }
        }

        return csv.Count;
    }

    private static async Task Write(
        string directory, string name, string heading, IEnumerable<string> entries, CancellationToken ct)
    {
        await using var file = ReportFile.Begin(directory, name);
        await file.Text.WriteAsync(heading);
        foreach (var entry in entries)
        {
            await file.Text.WriteAsync(entry);
        }

        await file.Finish(ct);
    }

    private static string AsLedger(LedgerEvent.Posted entry) =>
        $"{DateOf(entry)} * {entry.What}  ; {entry.Reference}\n" + string.Concat(entry.Postings.Select(
            p => $"    {p.Account}  {p.Amount.Currency} {Of(p.Amount)}\n")) + "\n";

    internal static string DateOf(LedgerEvent.Posted entry) => LocalDatePattern.Iso.Format(entry.At.InUtc().Date);

    internal static string Of(Money money) => money.Amount.ToString("0.00", CultureInfo.InvariantCulture);
}
