using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>An invoice by its number.</summary>
public static class FindInvoice
{
    public static async Task<(InvoiceRow Row, Invoice Invoice)?> Run(
        IJournal journal, NpgsqlDataSource database, string number, CancellationToken ct)
    {
        if (await InvoiceList.Run(database, new(Number: number, Limit: 1), ct) is not [var row])
        {
            return null;
        }

        return (row, await journal.State(Invoice.Fold, row.Id, ct));
    }

    /// <exception cref="RefusedException">There is no such invoice.</exception>
    public static async Task<(InvoiceRow Row, Invoice Invoice)> Needed(
        IJournal journal, NpgsqlDataSource database, string number, CancellationToken ct) =>
        await Run(journal, database, number, ct) ?? throw new RefusedException(new(
            "invoice/unknown", $"There is no invoice '{number}'. 'exchange invoices list' shows those that there " +
            "are."));

    /// <summary>An invoice or a credit note by its number, as its reader sees it.</summary>
    /// <exception cref="RefusedException">There is no such document.</exception>
    public static async Task<InvoiceDocument> DocumentOf(
        IJournal journal, NpgsqlDataSource database, string number, CancellationToken ct)
    {
        if (await journal.State(PartyInvoice.Fold, number, ct) is var party and not PartyInvoice.Absent)
        {
            return PartyDocument.Of(party, Issuer.Lines);
        }

        return await CreditNote(journal, database, number, ct) ??
            Document((await Needed(journal, database, number, ct)).Invoice);
    }

    /// <summary>A credit note by its number; null where it is none.</summary>
    public static async Task<InvoiceDocument?> CreditNote(
        IJournal journal, NpgsqlDataSource database, string number, CancellationToken ct)
    {
        const string Sql = """
            select invoice, false from invoicing.credit where number = $1
            union all
            select invoice, true from invoicing.party_credit where number = $1
            """;

        await using var command = database.Statement(Sql, [number]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
        {
            return null;
        }

        var (id, isToParty) = (rows.GetString(0), rows.GetBoolean(1));
        return isToParty
            ? await journal.State(PartyInvoice.Fold, id, ct) is PartyInvoice.Issued party
                ? PartyDocument.Of(party, party.Credits[number], Issuer.Lines)
                : null
            : await journal.State(Invoice.Fold, id, ct) is Invoice.Issued credited
                ? InvoiceDocument.Of(credited, credited.Credits[number], Issuer.Lines)
                : null;
    }

    /// <summary>What an issued invoice, paid or void, looks like to its reader.</summary>
    public static InvoiceDocument Document(Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => InvoiceDocument.Of(issued, Issuer.Lines),
        Invoice.Voided gone => InvoiceDocument.Of(new Invoice.Issued(gone.Content, gone.Terms, []), Issuer.Lines) with
        {
            Title = $"Invoice {gone.Terms.Number} — VOID: {gone.Reason}",
            Notes =
            [
                .. gone.Replaced is { } by
                    ? new[] { $"Issued again as {string.Join(", ", by.Numbers)}." } : Array.Empty<string>(),
                .. InvoiceDocument.Of(new Invoice.Issued(gone.Content, gone.Terms, []), Issuer.Lines).Notes,
            ],
        },
        _ => throw new RefusedException(new(
            "invoice/not-issued", "A draft has no document. Close its month with 'exchange close --commit'.")),
    };
}
