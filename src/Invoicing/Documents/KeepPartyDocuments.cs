using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>Draws invoices to parties as PDF once and keeps the bytes under their hash, like those of PIs.</summary>
public static class KeepPartyDocuments
{
    /// <summary>Draws whatever of a month is not drawn yet. Safe to stop and to run again.</summary>
    /// <returns>How many were drawn now.</returns>
    public static async Task<int> OfMonth(Sources sources, BillingMonth month, Instant now, CancellationToken ct)
    {
        var read = new List<(string Number, IReadOnlyList<PartyEvent> Events)>();
        foreach (var number in await Undrawn(sources.Database, month, ct))
        {
            read.Add((number, await sources.Journal.Read<PartyEvent>(PartyInvoice.Fold.StreamOf(number), ct)));
        }

        if (read.Count == 0)
        {
            return 0;
        }

        var documents = new List<(string Number, InvoiceDocument Document, byte[]? Logo)>();
        foreach (var (number, events) in read)
        {
            documents.Add(await Document(sources.Journal, number, PartyInvoice.Fold.Of(events), ct));
        }

        var drawn = documents.AsParallel().AsOrdered().WithCancellation(ct).Select(Draw).ToList();
        await KeepDocuments.Store(sources.Database, drawn, now, ct);
        try
        {
            await sources.Journal.Append(
                [
                    .. read.Zip(drawn).Select(pair => StreamAppend.Of<PartyEvent>(
                        PartyInvoice.Fold.StreamOf(pair.First.Number), pair.First.Events.Count,
                        [new PartyEvent.Drawn(pair.Second.Sha256, now)])),
                ], ct);
        }
        catch (ConflictException)
        {
            foreach (var (number, _) in read)
            {
                await Pdf(sources, number, now, ct); // Somebody drew, paid or voided one of them meanwhile.
            }
        }

        return read.Count;
    }

    /// <summary>The PDF as it was kept; drawn and kept now when it was not.</summary>
    /// <exception cref="RefusedException">There is no such invoice, or its bytes were changed.</exception>
    public static async Task<byte[]> Pdf(Sources sources, string number, Instant now, CancellationToken ct)
    {
        var stream = PartyInvoice.Fold.StreamOf(number);
        var events = await sources.Journal.Read<PartyEvent>(stream, ct);
        var invoice = PartyInvoice.Fold.Of(events);
        var kept = (invoice as PartyInvoice.Issued)?.Document ?? (invoice as PartyInvoice.Voided)?.Document;
        if (kept is not null && !await KeepDocuments.IsErased(sources.Database, kept, ct))
        {
            return await KeepDocuments.Kept(sources.Database, number, kept, ct);
        }

        var drawn = Draw(await Document(sources.Journal, number, invoice, ct));
        await KeepDocuments.Store(sources.Database, [drawn], now, ct);
        try
        {
            await sources.Journal.Append(
                [StreamAppend.Of<PartyEvent>(stream, events.Count, [new PartyEvent.Drawn(drawn.Sha256, now)])], ct);
            return drawn.Pdf;
        }
        catch (ConflictException)
        {
            return await Pdf(sources, number, now, ct); // Somebody drew, paid or voided it meanwhile.
        }
    }

    private static async Task<(string Number, InvoiceDocument Document, byte[]? Logo)> Document(
        IJournal journal, string number, PartyInvoice invoice, CancellationToken ct)
    {
        var document = PartyDocument.Of(invoice, Issuer.Lines);
        return (number, document, await LogoImage.Find(journal, document.Logo, ct));
    }

    private static (string Number, string Sha256, byte[] Pdf) Draw(
        (string Number, InvoiceDocument Document, byte[]? Logo) of)
    {
        var pdf = InvoicePdf.Draw(of.Document, of.Logo);
        return (of.Number, KeepDocuments.HashOf(pdf), pdf);
    }

    private static async Task<IReadOnlyList<string>> Undrawn(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select number
            from invoicing.party_invoice
            where month = $1 and document is null and lines > 0
            order by number
            """;

        return await database.Texts(Sql, [month.ToString()], ct);
    }
}
