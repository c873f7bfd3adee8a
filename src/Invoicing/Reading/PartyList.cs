using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>An invoice to an institution, payer or group as a list shows it.</summary>
/// <param name="Status">issued, paid or void.</param>
public sealed record PartyRow(
    string Number, BillingMonth Month, BillTo Party, string Status, int Lines, Money Total, Money Owed, Money Paid,
    Money Credited, LocalDate Due, Instant IssuedAt)
{
    /// <summary>What is still owed.</summary>
    public Money Open => Owed - Credited - Paid;
}

/// <summary>Reads the invoices to parties.</summary>
public static class PartyList
{
    /// <param name="month">Null for all months.</param>
    public static Task<IReadOnlyList<PartyRow>> Run(
        NpgsqlConnection connection, BillingMonth? month, CancellationToken ct) =>
        Run(connection, month, null, ct);

    /// <summary>The numbers of those that a month issued or took back.</summary>
    public static async Task<IReadOnlyList<string>> ToldIn(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct) => await database.Texts(
        "select number from invoicing.party_invoice where month = $1 or voided_in = $1 order by month, number",
        [month.ToString()], ct);

    /// <summary>The one of a number; null when there is none.</summary>
    public static async Task<PartyRow?> Find(NpgsqlConnection connection, string number, CancellationToken ct) =>
        await Run(connection, null, number, ct) is [var found] ? found : null;

    private static async Task<IReadOnlyList<PartyRow>> Run(
        NpgsqlConnection connection, BillingMonth? month, string? number, CancellationToken ct)
    {
        const string Sql = """
            select number, month, kind, party, status, lines, total, owed, paid,
                   credited + offsets + written_off, due, issued_at
            from invoicing.party_invoice
            where ($1::text is null or month = $1) and ($2::text is null or number = $2)
            order by month, number
            limit 100000
            """;

        await using var command = connection.Statement(Sql, []);
        foreach (var asked in (string?[])[month?.ToString(), number])
        {
            command.Parameters.Add(new() { Value = (object?)asked ?? DBNull.Value, DataTypeName = "text" });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<PartyRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), BillingMonth.Parse(rows.GetString(1)),
                new(ListedWord.Read<PartyKind>(rows.GetString(2)), rows.GetString(3)), rows.GetString(4),
                rows.GetInt32(5), new(rows.GetInt64(6)), new(rows.GetInt64(7)), new(rows.GetInt64(8)),
                new(rows.GetInt64(9)),
                rows.GetFieldValue<LocalDate>(10),
                rows.GetFieldValue<Instant>(11)));
        }

        return found;
    }
}
