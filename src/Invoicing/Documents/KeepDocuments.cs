using System.Security.Cryptography;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// Draws invoices as PDF once and keeps the bytes; their hash stands in the journal. Whoever asks again gets the bytes
/// that were kept, or is told that they were changed.
/// </summary>
public static class KeepDocuments
{
    /// <summary>
    /// Draws whatever of a month is not drawn yet, to PIs and to parties. Safe to stop and to run again.
    /// </summary>
    /// <param name="progress">Told how many are drawn, of how many.</param>
    /// <returns>How many to PIs were drawn now.</returns>
    /// <exception cref="RefusedException">Some would hold boxes for letters; all others are kept.</exception>
    public static async Task<int> OfMonth(
        Sources sources, BillingMonth month, Instant now, Action<int, int> progress, CancellationToken ct)
    {
        var ids = await Undrawn(sources.Database, month, ct);
        var drawing = new DrawMonth(sources, now, done => progress(done, ids.Count));
        var refused = await drawing.Run(ids, ct);
        await KeepPartyDocuments.OfMonth(sources, month, now, ct);
        MissingFont.Refuse(refused);
        return drawing.Done;
    }

    /// <summary>The PDF of an invoice as it was kept; drawn and kept now when it was not.</summary>
    /// <exception cref="RefusedException">The bytes are not those of which the journal has the hash.</exception>
    public static async Task<byte[]> Pdf(Sources sources, string id, Instant now, CancellationToken ct)
    {
        var stream = Invoice.Fold.StreamOf(id);
        var events = await sources.Journal.Read<InvoiceEvent>(stream, ct);
        var invoice = Invoice.Fold.Of(events);
        if (HashIn(invoice) is not { } sha256 || await IsErased(sources.Database, sha256, ct))
        {
            var drawn = Draw(events, await Logos(sources.Journal, [events], ct));
            await Store(sources.Database, [drawn], now, ct);
            try
            {
                await sources.Journal.Append(
                    [StreamAppend.Of<InvoiceEvent>(stream, events.Count, [new InvoiceEvent.Drawn(drawn.Sha256, now)])],
                    ct);
                return drawn.Pdf;
            }
            catch (ConflictException)
            {
                return await Pdf(sources, id, now, ct); // Somebody drew or paid it meanwhile.
            }
        }

        return await Kept(sources.Database, id, sha256, ct);
    }

    /// <summary>Writes the hashes of documents that were drawn and stored into the journal.</summary>
    /// <param name="drawn">Each with the version of the invoice that was drawn.</param>
    internal static async Task Say(
        Sources sources, IReadOnlyList<(string Id, int Version, string Sha256)> drawn, Instant now,
        CancellationToken ct)
    {
        try
        {
            await sources.Journal.Append(
                [
                    .. drawn.Select(one => StreamAppend.Of<InvoiceEvent>(
                        Invoice.Fold.StreamOf(one.Id), one.Version, [new InvoiceEvent.Drawn(one.Sha256, now)])),
                ], ct);
        }
        catch (ConflictException)
        {
            foreach (var (id, _, _) in drawn)
            {
                await Pdf(sources, id, now, ct); // Somebody drew or paid one of them meanwhile.
            }
        }
    }

    /// <exception cref="RefusedException">The bytes are gone, or not those that were drawn.</exception>
    internal static async Task<byte[]> Kept(
        NpgsqlDataSource database, string id, string sha256, CancellationToken ct)
    {
        var kept = await Read(database, sha256, ct);
        return kept is not null && HashOf(kept) == sha256
            ? kept
            : throw new RefusedException(new(
                "invoice/document-changed",
                $"The PDF that was kept is {(kept is null ? "gone" : "not the one that was drawn")}: its SHA-256 " +
                $"should be {sha256}. Restore table invoicing.document from a backup.", id));
    }

    /// <summary>Every document of which the bytes are gone or changed, as sentences.</summary>
    public static async Task<IReadOnlyList<string>> Verify(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select i.number, d.number is null
            from (select number, document from invoicing.invoice
                  union all
                  select number, document from invoicing.party_invoice) i
            left join invoicing.document d on d.sha256 = i.document
            where i.document is not null and
              (d.sha256 is null or encode(sha256(d.pdf), 'hex') <> i.document)
            order by i.number
            limit 1000
            """;

        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var wrong = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            wrong.Add($"{rows.GetString(0)}: its PDF {(rows.GetBoolean(1) ? "is gone" : "was changed")}");
        }

        return wrong;
    }

    internal static (string Number, string Sha256, byte[] Pdf) Draw(
        IReadOnlyList<InvoiceEvent> events, IReadOnlyDictionary<string, byte[]> logos)
    {
        var document = FindInvoice.Document(Invoice.Fold.Of(events));
        var pdf = InvoicePdf.Draw(document, document.Logo is { } logo ? logos.GetValueOrDefault(logo) : null);
        return (events.OfType<InvoiceEvent.Issued>().Single().Number, HashOf(pdf), pdf);
    }

    /// <summary>The logos of invoices, by their hash; the journal is asked for each once.</summary>
    internal static async Task<IReadOnlyDictionary<string, byte[]>> Logos(
        IJournal journal, IEnumerable<IReadOnlyList<InvoiceEvent>> histories, CancellationToken ct)
    {
        var logos = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var hash in histories.SelectMany(events => events.OfType<InvoiceEvent.Issued>())
            .Select(issued => issued.Letterhead?.Logo).OfType<string>().Distinct())
        {
            if (await LogoImage.Find(journal, hash, ct) is { } png)
            {
                logos[hash] = png;
            }
        }

        return logos;
    }

    /// <summary>Whether somebody whom it named was erased: then it is drawn again from what is shown now.</summary>
    internal static async Task<bool> IsErased(NpgsqlDataSource database, string sha256, CancellationToken ct) =>
        await Read(database, sha256, ct) is { Length: 0 };

    /// <summary>Draws all documents again that named somebody who was erased. Safe to stop and to run again.</summary>
    /// <returns>How many were drawn.</returns>
    public static async Task<int> OfErased(Sources sources, Instant now, CancellationToken ct)
    {
        const string Emptied = "select number from invoicing.document where length(pdf) = 0 order by number";
        const string Forget = "delete from invoicing.document where length(pdf) = 0 and number = $1";
        var numbers = await sources.Database.Texts(Emptied, [], ct);
        foreach (var number in numbers)
        {
            await PdfOfNumber.Run(sources, number, now, ct);
            await sources.Database.Execute(Forget, [number], ct);
        }

        return numbers.Count;
    }

    private static string? HashIn(Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => issued.Document,
        Invoice.Voided gone => gone.Document,
        _ => null,
    };

    internal static string HashOf(byte[] pdf) => Convert.ToHexStringLower(SHA256.HashData(pdf));

    private static async Task<IReadOnlyList<string>> Undrawn(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select id
            from invoicing.invoice
            where month = $1 and number is not null and document is null and lines > 0
            order by id
            """;

        return await database.Texts(Sql, [month.ToString()], ct);
    }

    internal static async Task Store(
        NpgsqlDataSource database, IReadOnlyList<(string Number, string Sha256, byte[] Pdf)> drawn, Instant now,
        CancellationToken ct)
    {
        const string Sql = """
            insert into invoicing.document (sha256, number, pdf, drawn_at)
            select sha256, number, pdf, $4
            from unnest($1::text[], $2::text[], $3::bytea[]) as drawn (sha256, number, pdf)
            on conflict (sha256) do update set pdf = excluded.pdf where length(document.pdf) = 0
            """;

        await database.Execute(
            Sql, [drawn.Select(one => one.Sha256).ToArray(), drawn.Select(one => one.Number).ToArray(),
                drawn.Select(one => one.Pdf).ToArray(), now], ct);
    }

    private static async Task<byte[]?> Read(NpgsqlDataSource database, string sha256, CancellationToken ct)
    {
        const string Sql = "select pdf from invoicing.document where sha256 = $1";
        await using var command = database.Statement(Sql, [sha256]);
        return (byte[]?)await command.ExecuteScalarAsync(ct);
    }
}
