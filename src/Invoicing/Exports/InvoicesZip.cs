using System.IO.Compression;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// 'exchange export invoices' — every PDF of a month in one zip, to PIs and to parties, as they were kept.
/// </summary>
public static class InvoicesZip
{
    /// <param name="wanted">Its month; PDFs are whole, so nothing narrows them.</param>
    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        if (wanted.Landlord is not null || wanted.Cluster is not null)
        {
            throw new RefusedException(new(
                "usage/whole-month", "An invoice goes over all landlords and clusters. Leave these options out."));
        }

        // Drawn when they were issued; a close that was cut short may have left some.
        await KeepDocuments.OfMonth(sources, wanted.Month, wanted.Month.End, (_, _) => { }, ct);
        await new Projections(
            sources.Database, sources.Journal, [new InvoiceTables(), new PartyTables()]).CatchUp(ct);
        var name = $"invoices-{wanted.Month}.zip";
        await using var file = ReportFile.Begin(directory, name);
        var count = await Write(sources.Database, wanted.Month, file.Bytes, ct);
        await file.Finish(ct);
        return new([name], count, await MonthLines.IsClosed(sources, wanted.Month, ct)
            ? []
            : [$"{wanted.Month} is open, so it has no invoices yet."]);
    }

    private static async Task<long> Write(
        NpgsqlDataSource database, BillingMonth month, Stream bytes, CancellationToken ct)
    {
        const string Sql = """
            select i.number, i.issued_at, d.pdf
            from (select number, month, issued_at, document from invoicing.invoice
                  union all
                  select number, month, issued_at, document from invoicing.party_invoice) i
            join invoicing.document d on d.sha256 = i.document
            where i.month = $1
            order by i.number
            """;

        await using var zip = await ZipArchive.CreateAsync(bytes, ZipArchiveMode.Create, true, null, ct);
        await using var command = database.Statement(Sql, [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var count = 0L;
        while (await rows.ReadAsync(ct))
        {
            // A PDF is compressed already.
            var entry = zip.CreateEntry($"{rows.GetString(0)}.pdf", CompressionLevel.NoCompression);
            entry.LastWriteTime = rows.GetFieldValue<Instant>(1).ToDateTimeOffset();
            await using var into = await entry.OpenAsync(ct);
            await into.WriteAsync(rows.GetFieldValue<byte[]>(2), ct);
            count++;
        }

        return count;
    }
}
