using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>The invoices of PIs that an institution took upon itself by one of its own.</summary>
internal static class TakenInvoices
{
    /// <summary>
    /// What read models know of them, in the order of the lines that took them: for reports, which ask again. Who
    /// decides by it asks <see cref="Of"/>, which leaves out nothing that was written meanwhile.
    /// </summary>
    public static async Task<IReadOnlyList<IReadOnlyList<InvoiceEvent>>> Known(
        UnitOfWork work, NpgsqlDataSource database, PartyEvent.Issued taking, CancellationToken ct)
    {
        var known = new List<(int Place, IReadOnlyList<InvoiceEvent> History)>();
        List<PiId> pis = [.. taking.Lines.Select(line => line.Pi).Distinct()];
        foreach (var id in await database.Texts(
            "select invoice from invoicing.taken where number = $1 order by invoice", [taking.Number], ct))
        {
            var history = await work.Read<InvoiceEvent>(Invoice.Fold.StreamOf(id), ct);
            known.Add((pis.IndexOf(history.OfType<InvoiceEvent.Drafted>().Last().Pi!.Value), history));
        }

        return [.. known.OrderBy(one => one.Place).Select(one => one.History)];
    }

    /// <summary>Those of a month that an institution's invoice took when they were issued, as their streams are called.
    /// </summary>
    public static async Task<IReadOnlySet<string>> IssuedWith(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct) => (await database.Texts(
            """
            select t.invoice
            from invoicing.taken t
            join invoicing.invoice i on i.id = t.invoice
            join invoicing.party_invoice p on p.number = t.number
            where i.month = $1 and p.issued_at = i.issued_at
            order by t.invoice
            """, [month.ToString()], ct)).ToHashSet(StringComparer.Ordinal);

    /// <returns>Each as its stream is called within its category, with what happened to it.</returns>
    public static async Task<IReadOnlyList<(string Id, IReadOnlyList<InvoiceEvent> History)>> Of(
        UnitOfWork work, NpgsqlDataSource database, PartyEvent.Issued taking, CancellationToken ct)
    {
        var found = new List<(string, IReadOnlyList<InvoiceEvent>)>();
        foreach (var pi in taking.Party.Kind == PartyKind.Institution
            ? taking.Lines.Select(line => line.Pi).Distinct() : [])
        {
            foreach (var row in await InvoiceList.Run(database, new(Pi: pi), ct))
            {
                var history = await work.Read<InvoiceEvent>(Invoice.Fold.StreamOf(row.Id), ct);
                if (history.OfType<InvoiceEvent.BilledToInstitution>().Any(taken => taken.Number == taking.Number))
                {
                    found.Add((row.Id, history));
                }
            }
        }

        return found;
    }
}
