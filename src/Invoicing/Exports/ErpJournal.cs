using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Exports;

/// <summary>'exchange export journal --as workday' and the like — a month's entries as an ERP imports them.</summary>
internal static class ErpJournal
{
    /// <exception cref="RefusedException">The chart of accounts is missing, or lacks an account.</exception>
    public static async Task<Exported> Run(
        Sources sources, Wanted wanted, ErpLayout layout, string directory, CancellationToken ct)
    {
        var name = $"journal-{wanted.Month}.{layout.Name}.csv";
        await using var file = ReportFile.Begin(directory, name);
        var rows = await Write(sources, wanted, layout, file.Text, ct);
        await file.Finish(ct);
        return new([name], rows, await MonthLines.IsClosed(sources, wanted.Month, ct)
            ? []
            : [$"{wanted.Month} is open: what closing it will post is not among these entries."]);
    }

    private static async Task<long> Write(
        Sources sources, Wanted wanted, ErpLayout layout, TextWriter text, CancellationToken ct)
    {
        var lines = new ErpLines(sources.Journal, (await sources.Now(ct)).Profiles);
        await using var csv = new CsvWriter(text, exact: false);
        await csv.Add([.. layout.Columns.Select(column => column.Column)]);
        await using var connection = await sources.Database.OpenConnectionAsync(ct);
        var number = 0;
        await foreach (var entry in LedgerEntries.Run(connection, wanted.By, wanted.Month, wanted.AsOf, ct))
        {
            number++;
            foreach (var line in await lines.Of(entry, number, ct))
            {
                await csv.Add(layout.Cells(line));
            }
        }

        return csv.Count;
    }
}
